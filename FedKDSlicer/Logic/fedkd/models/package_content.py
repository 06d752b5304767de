"""A package as it lies on disk, checked: its description, its weights as bytes. Needs no network library."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from fedkd.atomic import write_atomically, writing_error
from fedkd.models.card import ModelCard, PackedStage, first_problem
from fedkd.models.package_files import CARD_NAME, MAX_CARD_BYTES, MAX_WEIGHTS_BYTES, PackageFiles
from fedkd.models.refusal import model_invalid


def read_card(files: PackageFiles) -> tuple[ModelCard, bytes]:
    """Return the description of a package and its bytes.

    Raises:
        FedkdError: MODEL_INVALID when it is no valid description.
    """
    raw = files.read(CARD_NAME, MAX_CARD_BYTES)
    try:
        return ModelCard.model_validate_json(raw), raw
    except ValidationError as error:
        problem = first_problem(error)
        raise model_invalid(f"The model's description is wrong at {problem}.", files.where(CARD_NAME)) from error


def read_weights(files: PackageFiles, stage: PackedStage) -> bytes:
    """Return a stage's weights as they are in the package.

    Raises:
        FedkdError: MODEL_INVALID when they are missing or others than the description names.
    """
    raw = files.read(stage.weights, MAX_WEIGHTS_BYTES)
    if hashlib.sha256(raw).hexdigest() != stage.sha256:
        what = "The model's weights are not the ones its description names: the hash differs."
        raise model_invalid(what, files.where(stage.weights))
    return raw


def copy_package(files: PackageFiles, folder: Path) -> None:
    """Copy a package as it is: only what its description names, hashes checked, the description last.

    Raises:
        FedkdError: MODEL_INVALID; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    card, raw = read_card(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stage in filter(None, (card.localizer, card.student)):
            weights = read_weights(files, stage)
            write_atomically(folder / stage.weights, partial(_write, data=weights))
        write_atomically(folder / CARD_NAME, partial(_write, data=raw))
    except OSError as error:
        raise writing_error(folder, error) from error


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
