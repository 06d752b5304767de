"""From points to label maps: balls around points, the study's way of teaching landmarks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def paint_balls(
    centers_zyx: npt.NDArray[np.float64], shape_zyx: tuple[int, int, int], radius_voxels: float
) -> npt.NDArray[np.uint8]:
    """Return a label map with value ``k + 1`` within ``radius_voxels`` of center ``k``.

    Where balls overlap the nearest center wins, so the border between two is the plane halfway.

    Args:
        centers_zyx: (points, 3) continuous voxel indices; a row of NaN is a point that does not exist.
        shape_zyx: shape of the map.
        radius_voxels: radius in voxels (isotropic grid).
    """
    labels = np.zeros(shape_zyx, np.uint8)
    nearest = np.full(shape_zyx, radius_voxels, np.float32)
    for value, center in enumerate(centers_zyx, start=1):
        if not np.all(np.isfinite(center)):
            continue
        low = np.maximum(np.ceil(center - radius_voxels), 0).astype(int)
        high = np.minimum(np.floor(center + radius_voxels) + 1, shape_zyx).astype(int)
        if np.any(high <= low):
            continue
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        axes = [np.arange(a, b) - c for a, b, c in zip(low, high, center, strict=True)]
        z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
        distance = np.sqrt(z**2 + y**2 + x**2)
        closer = distance <= nearest[box]
        labels[box][closer] = value
        nearest[box][closer] = distance[closer]
    return labels
