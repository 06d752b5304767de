"""A teacher's probabilities, kept to teach a student by more than the likeliest class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from fedkd.atomic import write_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import FloatArray, Grid

SOFT_SUFFIX = ".soft.safetensors"

_TENSOR = "log_probabilities"
# What is less likely than this teaches nothing; and half precision holds it.
LEAST_LOG = -20.0
_MOST_VOXELS = 256**3


@dataclass(frozen=True)
class SoftLabel:
    """Logarithms of a head's class probabilities, (channels, z, y, x) float16, on ``grid``: logits up to a constant."""

    log_probabilities: npt.NDArray[np.float16]
    grid: Grid

    def index_map(self, other: Grid) -> tuple[FloatArray, FloatArray]:
        """Return matrix and offset from indices (z, y, x) on ``other`` to indices on this label's grid."""
        corners = np.vstack([np.zeros(3), np.eye(3)])
        mapped = self.grid.lps_to_index(other.index_to_lps(corners[:, ::-1]))[:, ::-1]
        return (mapped[1:] - mapped[0]).T, mapped[0]


def write_soft_label(path: Path, probabilities: npt.NDArray[np.float32], grid: Grid) -> None:
    """Write what a teacher saw.

    Args:
        path: ends in `SOFT_SUFFIX`.
        probabilities: (channels, z, y, x), softmax over the channels.
        grid: theirs.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    logs = np.log(np.maximum(probabilities, np.exp(LEAST_LOG))).astype(np.float16)
    about = json.dumps(
        {
            "size_xyz": grid.size_xyz,
            "spacing_mm": grid.spacing_mm,
            "origin_lps_mm": grid.origin_lps_mm,
            "direction": grid.direction,
        }
    )
    write_atomically(path, lambda temporary: save_file({_TENSOR: logs}, temporary, metadata={"grid": about}))


def read_soft_label(path: Path, channels: int) -> SoftLabel:
    """Read what a teacher saw of a head with so many channels.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when the file is damaged, or of another head.
    """
    try:
        with safe_open(path, "numpy") as stored:
            known = json.loads((stored.metadata() or {})["grid"])
            shape = tuple(stored.get_slice(_TENSOR).get_shape())
            grid = Grid(**{name: tuple(value) for name, value in known.items()})
            if shape != (channels, *grid.size_xyz[::-1]) or np.prod(shape[1:]) > _MOST_VOXELS:
                raise ValueError(f"shape {shape}")
            logs = stored.get_tensor(_TENSOR)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"The kept logits of a teacher cannot be read ({type(error).__name__}).",
            where=path,
            what_to_do="Delete the folder of pseudo labels, and label anew.",
        ) from error
    return SoftLabel(logs.astype(np.float16, copy=False), grid)
