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
