"""From a checkpoint of the study's code to a package."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from fedkd.atomic import write_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import ModelCard, StageSpec
from fedkd.models.package import weights_of, write_package
from fedkd.models.package_files import CARD_NAME
from fedkd.models.reference import load_reference

ONE_FILE_SUFFIX = ".zip"


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
    if output.exists():
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            "The output exists already.",
            where=output,
            what_to_do="Choose another name with --output, or remove it.",
        )
    model = load_reference(checkpoint, naming.normalization)
    fields = {
        "model_id": naming.model_id or model.model_id,
        "license": naming.license or model.card.license,
        "intended_use": model.card.intended_use,
        "training": {**model.card.training, "checkpoint_sha256": model.sha256},
        "metrics": {},
    }
    stages = {"student": (_spec_of(model.card), weights_of(model.network))}
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fedkd-model-", dir=output.parent) as temporary:
            folder = Path(temporary, "package")
            card = write_package(folder, fields, stages)
            if output.suffix.lower() == ONE_FILE_SUFFIX:
                write_one_file(folder, card, output)
            else:
                folder.rename(output)
    except OSError as error:
        raise writing_error(output, error) from error
    return card


def write_one_file(folder: Path, card: ModelCard, output: Path) -> None:
    """Write the package in ``folder`` as one file: a zip without compression, as weights do not compress."""
    names = [CARD_NAME, *(stage.weights for stage in (card.localizer, card.student) if stage is not None)]

    def save(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as archive:
            for name in names:
                with (folder / name).open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)

    write_atomically(output, save)


def _spec_of(card: ModelCard) -> StageSpec:
    return StageSpec.model_validate(card.student.model_dump(exclude={"weights", "sha256"}))
