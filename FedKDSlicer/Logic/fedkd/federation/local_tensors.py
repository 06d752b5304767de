"""Tensors that stay at their site from round to round."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from fedkd.atomic import write_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Weights

_FILE = "heads.safetensors"


def write_local_tensors(folder: Path, weights: Weights) -> None:
    """Write tensors that stay here, replacing those of the round before.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(folder, error) from error
    tensors = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
    write_atomically(folder / _FILE, lambda temporary: save_file(tensors, temporary))


def read_local_tensors(folder: Path) -> dict[str, torch.Tensor]:
    """Return what an earlier round left here; nothing in the first one.

    Raises:
        FedkdError: INPUT_UNREADABLE when the file is damaged.
    """
    path = folder / _FILE
    if not path.is_file():
        return {}
    try:
        tensors: dict[str, torch.Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "The heads that this site kept are damaged.",
            where=path,
            what_to_do="Delete the file: the site begins them anew.",
        ) from error
    return tensors
