"""Which voxels the procedure of the study's code looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from fedkd.geometry import Grid

CUBE_VOXELS = 192


def cube_of(ct: Grid, spacing_mm: float, center_lps_mm: npt.ArrayLike | None = None, side: int = CUBE_VOXELS) -> Grid:
    """Return the cube of ``side`` voxels that is cut out of the CT, or padded around it.

    Its voxels are those that resampling the whole CT would give: along the CT's own axes, in the order and direction
    of LPS, from its first voxel on.

    Args:
        ct: the CT's grid.
        spacing_mm: of the voxels wanted.
        center_lps_mm: what is to be in the middle, such as the heart; default: the middle of the CT.
        side: voxels along each side.
    """
    whole = _resampled(_in_lps_order(ct), spacing_mm)
    if center_lps_mm is None:
        first = np.array([_first_of_centered(size, side) for size in whole.size_xyz])
    else:
        first = np.rint(whole.lps_to_index(center_lps_mm)).astype(int) - side // 2
    x, y, z = (float(value) for value in whole.index_to_lps(first))
    return replace(whole, size_xyz=(side,) * 3, origin_lps_mm=(x, y, z))


def _first_of_centered(size: int, side: int) -> int:
    return (size - side) // 2 if size >= side else -((side - size) // 2)


def _resampled(grid: Grid, spacing_mm: float) -> Grid:
    x, y, z = (max(1, round(size * old / spacing_mm)) for size, old in zip(grid.size_xyz, grid.spacing_mm, strict=True))
    return replace(grid, size_xyz=(x, y, z), spacing_mm=(spacing_mm,) * 3)


def _in_lps_order(grid: Grid) -> Grid:
    """Return the same voxels, with axes permuted and flipped until they run nearly along L, P and S."""
    direction = np.array(grid.direction).reshape(3, 3)
    _, axes = linear_sum_assignment(-np.abs(direction))
    signs = np.where(direction[[0, 1, 2], axes] < 0, -1.0, 1.0)
    last = np.array(grid.size_xyz) - 1
    corner = np.zeros(3)
    corner[axes] = np.where(signs < 0, last[axes], 0)
    i, j, k = (int(axis) for axis in axes)
    x, y, z = (float(value) for value in grid.index_to_lps(corner))
    return Grid(
        (grid.size_xyz[i], grid.size_xyz[j], grid.size_xyz[k]),
        (grid.spacing_mm[i], grid.spacing_mm[j], grid.spacing_mm[k]),
        (x, y, z),
        tuple(float(value) for value in (direction[:, axes] * signs).ravel()),
    )
