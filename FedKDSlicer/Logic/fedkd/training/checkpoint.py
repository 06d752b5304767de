"""Checkpoints that survive a kill at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fedkd.atomic import write_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.training.recipe import Recipe

CHECKPOINT_NAME = "checkpoint.pt"


@dataclass
class Checkpoint:
    """State after ``step`` steps. ``average`` holds the averaged weights, the ones worth using."""

    recipe: Recipe
    step: int
    seconds: float
    weights: dict[str, torch.Tensor]
    average: dict[str, torch.Tensor]
    optimizer: dict[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint of a run, replacing the one before in one move."""
    state = {**vars(checkpoint), "recipe": checkpoint.recipe.model_dump_json()}
    write_atomically(folder / CHECKPOINT_NAME, lambda temporary: torch.save(state, temporary))


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the checkpoint of a run, None when there is none yet.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when the file cannot be used.
    """
    path = folder / CHECKPOINT_NAME
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state["recipe"] = Recipe.model_validate_json(state["recipe"])
        return Checkpoint(**state)
    except Exception as error:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"The checkpoint cannot be read ({type(error).__name__}).",
            where=path,
            what_to_do="Delete it to start this run anew, or give another output folder.",
        ) from error
