"""Make grids that cover a CT."""

from __future__ import annotations

import numpy as np

from fedkd.geometry import Grid


def covering_grid(grid: Grid, spacing_mm: float) -> Grid:
    """Return the axis-aligned LPS grid with isotropic voxels that covers ``grid``.

    It depends on the space that ``grid`` fills only: copies with flipped or permuted axes have the same one.
    """
    # Snapped to 1 um, off the round numbers, so that copies whose bounds differ by rounding errors agree exactly.
    low, high = (np.floor(corner * 1000 + 0.37) / 1000 for corner in grid.bounds_lps_mm())
    size = np.maximum(np.ceil((high - low) / spacing_mm - 1e-3).astype(int), 1)
    center = (low + high) / 2
    return Grid.centered(center, (int(size[0]), int(size[1]), int(size[2])), spacing_mm)


def voxels_around(whole: Grid, part: Grid, margin_mm: float = 0.0) -> tuple[list[int], list[int]] | None:
    """Return first index and size (i, j, k) of the box of voxels of ``whole`` around ``part``.

    None when the two do not meet.
    """
    low, high = part.bounds_lps_mm()
    corners = np.array(np.meshgrid(*zip(low - margin_mm, high + margin_mm, strict=True), indexing="ij"))
    indices = whole.lps_to_index(corners.reshape(3, -1).T)
    first = np.maximum(np.floor(indices.min(axis=0)), 0).astype(int)
    last = np.minimum(np.ceil(indices.max(axis=0)), np.array(whole.size_xyz) - 1).astype(int)
    if np.any(last < first):
        return None
    return first.tolist(), (last - first + 1).tolist()
