"""From a checkpoint of the study's code to a package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd.atomic import require_new
from fedkd.models.card import ModelCard
from fedkd.models.new_package import write_new_package
from fedkd.models.package import weights_of
from fedkd.models.reference import load_reference


@dataclass(frozen=True)
class Naming:
    """What nobody can read from the tensors: None keeps what the checkpoint's file name and the study say."""

    model_id: str | None = None
    license: str | None = None
    normalization: str | None = None


def convert_checkpoint(checkpoint: Path, output: Path, naming: Naming) -> ModelCard:
    """Write a checkpoint as a package with the same weights in the same precision.

    Args:
        checkpoint: of the study's code.
        output: a folder, or a file that ends in ``.zip``; must not exist.
        naming: what to call it.

    Raises:
        FedkdError: what `load_reference` raises; CASE_EXISTS; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    require_new(output)
    model = load_reference(checkpoint, naming.normalization)
    fields = {
        "model_id": naming.model_id or model.model_id,
        "license": naming.license or model.card.license,
        "intended_use": model.card.intended_use,
        "training": {**model.card.training, "checkpoint_sha256": model.sha256},
        "metrics": {},
    }
    stages = {"student": (model.card.student.bare(), weights_of(model.network))}
    return write_new_package(output, fields, stages)
