"""From two training runs to one model package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import ModelCard
from fedkd.models.package import save_model
from fedkd.training.checkpoint import Checkpoint, read_checkpoint


def pack_runs(localizer: Path, student: Path, output: Path, about: Path) -> ModelCard:
    """Write the averaged weights of two runs, with what ``about`` says of them, as a package.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when a run has no checkpoint or ``about`` is wrong.
    """
    runs = {"localizer": read_run(localizer), "student": read_run(student)}
    try:
        fields: dict[str, Any] = json.loads(about.read_text(encoding="utf-8"))
        fields["training"] = {**fields["training"], **{name: what_was_run(run) for name, run in runs.items()}}
        stages = ((run.recipe.stage, run.average) for run in runs.values())
        return save_model(output, fields, *stages)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"The package cannot be described: {type(error).__name__}: {error}.",
            where=about,
            what_to_do="Give a JSON file with model_id, license, intended_use, training and metrics.",
        ) from error


def read_run(folder: Path) -> Checkpoint:
    """Return the last checkpoint of a run.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is none.
    """
    checkpoint = read_checkpoint(folder)
    if checkpoint is None:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            "The folder holds no training run.",
            where=folder,
            what_to_do="Give the folder that `fedkd train --output` wrote.",
        )
    return checkpoint


def what_was_run(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what a package says of a run."""
    recipe = checkpoint.recipe.model_dump(mode="json", exclude={"stage"})
    return {"steps_done": checkpoint.step, "hours": round(checkpoint.seconds / 3600, 2), "recipe": recipe}
