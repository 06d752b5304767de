"""The places that a mask marks, in LPS millimeters, whatever grid it is on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Grid
from fedkd.volumes import VolumeFile

# Finer than this the heart's outline does not matter here, and the points would fill the memory.
_SAMPLING_MM = 2.0


@dataclass(frozen=True)
class MarkedVoxels:
    """Every so many voxels of a mask: ``is_marked`` (axes zyx) holds every ``steps_xyz``-th voxel of ``grid``."""

    grid: Grid
    steps_xyz: tuple[int, int, int]
    is_marked: npt.NDArray[np.bool_]

    @property
    def volume_ml(self) -> float:
        """Volume of what is marked."""
        return float(np.count_nonzero(self.is_marked) * self.voxel_ml)

    @property
    def voxel_ml(self) -> float:
        """Volume that each of the sampled voxels stands for."""
        return float(np.prod(self.grid.spacing_mm) * np.prod(self.steps_xyz) / 1000)

    def points_lps_mm(self) -> FloatArray:
        """Return the centers of the marked voxels in LPS mm, shape (n, 3)."""
        return self.grid.index_to_lps(np.argwhere(self.is_marked)[:, ::-1] * self.steps_xyz)


def marked_voxels(mask: VolumeFile, labels: Collection[int] | None = None) -> MarkedVoxels:
    """Return where ``mask`` has one of ``labels``, or any label above 0 when they are not given."""
    i, j, k = (max(1, int(_SAMPLING_MM // spacing)) for spacing in mask.grid.spacing_mm)
    sampled = mask.values[::k, ::j, ::i]
    return MarkedVoxels(mask.grid, (i, j, k), sampled > 0 if labels is None else np.isin(sampled, list(labels)))
