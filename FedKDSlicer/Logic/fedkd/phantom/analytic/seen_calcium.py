"""How much of an analytic root's calcium lies above a threshold in a scan, by part: the truth for thresholded volumes.

A threshold does not measure calcium but what of it is bright enough after the scanner's blur. Far below midway between
blood and calcium it takes in the blurred rim: a ball of 2 mm radius and 1000 HU in blood of 400 HU, blurred by 0.5 mm,
has 1.65 times its volume above 500 HU. Clinical volumes are made this way, and published limits rest on them. So this,
not the ball's own volume, is what a measurement is held to, as a scan with tiny voxels and no noise would show it.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fedkd.anatomy import CALCIFIED_PARTS
from fedkd.geometry import FloatArray, Grid
from fedkd.phantom.analytic.matter import hu_at
from fedkd.phantom.analytic.root import AnalyticRoot
from fedkd.phantom.analytic.scan import Scan

_SPACING_MM = 0.2
_AROUND_MM = 2.0
_TURN = 2 * np.pi


def seen_calcium_mm3(root: AnalyticRoot, scan: Scan, threshold_hu: float) -> dict[str, float]:
    """Return the calcium's volume above the threshold by the catalog's keys, total included.

    Parts are told apart by the annulus plane and the root's own commissures, wherever a ball's middle may lie.
    """
    bright = (_bright_points(root, number, scan, threshold_hu) for number in range(len(root.blobs)))
    points = np.concatenate([np.empty((0, 3)), *bright])
    root_mm = root.to_root(points)
    azimuths = np.arctan2(root_mm[:, 1], root_mm[:, 0])
    first, second, third = root.parameters.commissure_azimuths
    # From the commissure NCC-RCC on: right, left, non-coronary.
    sector = np.searchsorted(np.array([first, second, third]) - third + _TURN, (azimuths - third) % _TURN) % 3
    parts = np.where(root_mm[:, 2] < 0, tuple(CALCIFIED_PARTS).index("lvot"), sector)
    volumes = {
        f"calcium_{part}_mm3": float(np.count_nonzero(parts == number) * _SPACING_MM**3)
        for number, part in enumerate(CALCIFIED_PARTS)
    }
    return volumes | {"calcium_total_mm3": sum(volumes.values())}


def _bright_points(root: AnalyticRoot, number: int, scan: Scan, threshold_hu: float) -> FloatArray:
    """Return the points (n, 3) above the threshold that are nearer to this blob than to any other, LPS mm."""
    blob = root.blobs[number]
    size = 2 * round((blob.radius_mm + _AROUND_MM) / _SPACING_MM) + 1
    grid = Grid.centered(blob.center_lps_mm, (size, size, size), _SPACING_MM)
    k, j, i = np.indices((size, size, size))
    points = grid.index_to_lps(np.stack([i, j, k], axis=-1))
    blurred = ndimage.gaussian_filter(hu_at(root, points), scan.blur_mm / _SPACING_MM)
    away = [np.linalg.norm(points - other.center_lps_mm, axis=-1) - other.radius_mm for other in root.blobs]
    return points[(blurred > threshold_hu) & (np.argmin(away, axis=0) == number)]
