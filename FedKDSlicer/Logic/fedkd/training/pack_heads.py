"""From a run that trained heads to a package: the model it began with, and these heads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors.torch import load as parse_safetensors

from fedkd.atomic import require_new
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import ModelCard
from fedkd.models.card import PackedStage, first_problem
from fedkd.models.new_package import write_new_package
from fedkd.models.package import Stage, load_package
from fedkd.models.package_content import read_weights
from fedkd.models.package_files import PackageFiles, open_package
from fedkd.training.checkpoint import Checkpoint
from fedkd.training.head_run import PARENT_FOLDER, HeadRunRecord, is_of_heads, read_record
from fedkd.training.pack import read_run, what_was_run

_LONGEST_ID = 64


def pack_heads(run: Path, output: Path, model_id: str | None) -> ModelCard:
    """Write the model that a run began with, with the heads that it trained.

    Every other tensor is written as it is in the parent's file, bit by bit.

    Args:
        run: output folder of `fedkd train --head-only` or ``--fine-tune``.
        output: a folder, or a file that ends in ``.zip``; must not exist.
        model_id: name of the new model; None: the parent's with the heads' names.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when it is no such run, the parent beside it is another one, or the run
            changed more than its heads; USAGE for an impossible name; CASE_EXISTS; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    require_new(output)
    record, checkpoint = read_record(run), read_run(run)
    files = open_package(run / PARENT_FOLDER)
    parent = load_package(run / PARENT_FOLDER)
    if parent.sha256 != record.parent_sha256:
        raise _invalid("The model beside this run is not the one it began with.", run / PARENT_FOLDER)
    stages: dict[str, Stage] = {"student": (checkpoint.recipe.stage, _student(files, parent.card, checkpoint, run))}
    if parent.card.localizer is not None:
        stages["localizer"] = (parent.card.localizer.bare(), _tensors(files, parent.card.localizer))
    name = model_id or _default_id(record)
    if name == record.parent_id:
        raise _bad_name("The new model would have its parent's name.")
    try:
        return write_new_package(output, _card_fields(parent.card, record, checkpoint) | {"model_id": name}, stages)
    except ValidationError as error:
        raise _bad_name(f"The package cannot be described: {first_problem(error)}.") from error


def _student(files: PackageFiles, parent: ModelCard, checkpoint: Checkpoint, run: Path) -> dict[str, torch.Tensor]:
    kept = _tensors(files, parent.student)
    heads = checkpoint.recipe.trained_heads
    for name, value in kept.items():
        if not is_of_heads(name, heads) and not torch.equal(value.float(), checkpoint.average[name].float()):
            raise _invalid(f"The run changed {name}, which is not of the heads it trains.", run)
    return kept | {name: value for name, value in checkpoint.average.items() if is_of_heads(name, heads)}


def _tensors(files: PackageFiles, stage: PackedStage) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = parse_safetensors(read_weights(files, stage))
    return tensors


def _card_fields(parent: ModelCard, record: HeadRunRecord, checkpoint: Checkpoint) -> dict[str, Any]:
    fields = parent.model_dump(mode="json", exclude={"localizer", "student", "training"})
    if record.what != "new head":
        # What a model says of its results holds with one head more, not with heads that have changed.
        fields["metrics"] = {}
        fields.pop("calibration", None)
    fields["training"] = {
        "what": record.what,
        "heads": list(record.heads),
        "command": _command(record),
        "data": record.data.model_dump(mode="json"),
        "run": what_was_run(checkpoint),
        "parent": {"model_id": record.parent_id, "sha256": record.parent_sha256, "training": parent.training},
    }
    return fields


def _command(record: HeadRunRecord) -> str:
    option = "--head-only" if record.what == "new head" else "--fine-tune"
    return f"fedkd train CASES {option} {','.join(record.heads)} --start-from {record.parent_id}"


def _default_id(record: HeadRunRecord) -> str:
    ending = "-".join((*record.heads, *(() if record.what == "new head" else ("tuned",))))
    return re.sub(r"[^A-Za-z0-9._-]", "-", f"{record.parent_id}-{ending}")[:_LONGEST_ID]


def _invalid(what: str, where: Path) -> FedkdError:
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID,
        what,
        where=where,
        what_to_do="Train the heads again into a new folder.",
    )


def _bad_name(what: str) -> FedkdError:
    return FedkdError(ExitCode.USAGE, what, where="--name", what_to_do="Give another name with --name.")
