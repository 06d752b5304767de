"""Is the blood in the root itself darker than the threshold, and is there nothing but blood and calcium?"""

from __future__ import annotations

import numpy as np

from fedkd.measurement.blood import Blood
from fedkd.measurement.calcium.deposits import Box, Deposits
from fedkd.measurement.calcium.frame import RootFrame
from fedkd.measurement.calcium.wall import RootWall
from fedkd.measurement.calcium_threshold import require_above_blood
from fedkd.measurement.quantity import NotMeasurable

_SAMPLED_EVERY_MM = 1.5
_INSIDE_MM = 2.0
_FEWEST_VOXELS = 30
# Noise joins few voxels while one in six exceeds the threshold (1 standard deviation); here the wall is near, too.
_LEAST_DISTANCE_SD = 1.0
_METAL_HU = 3000.0  # where most scanners' scale ends; calcium reaches about 1600 HU
_MOST_METAL_MM3 = 5.0


def require_dark_blood(box: Box, frame: RootFrame, wall: RootWall, blood: Blood, threshold_hu: float) -> None:
    """Check that the blood in the outflow tract and in the root is no brighter than the threshold allows.

    It may be brighter than in the ascending aorta, from where the threshold stems: contrast mixes unevenly.

    Raises:
        NotMeasurable: it is.
    """
    steps = [max(1, round(_SAMPLED_EVERY_MM / spacing)) for spacing in box.grid.spacing_mm[::-1]]
    k, j, i = np.meshgrid(*(np.arange(0, n, s) for n, s in zip(box.hu.shape, steps, strict=True)), indexing="ij")
    coordinates = frame.coordinates(box.grid.index_to_lps(np.stack([i, j, k], axis=-1).reshape(-1, 3)))
    hu = box.hu[k, j, i].ravel()
    height = coordinates[:, 2]
    inside = wall.distance_inside_mm(coordinates) > _INSIDE_MM
    for place, here in (
        ("the outflow tract", (height >= frame.bottom_mm) & (height < 0)),
        ("the aortic root", (height >= 0) & (height < frame.top_mm)),
    ):
        lumen = hu[inside & here]
        if len(lumen) >= _FEWEST_VOXELS:
            # The median: neither calcium nor leaflets move it.
            here_blood = Blood(float(np.median(lumen)), blood.sd_hu)
            require_above_blood(threshold_hu, here_blood, place, _LEAST_DISTANCE_SD)


def require_no_metal(deposits: Deposits, voxel_mm3: float) -> None:
    """Check that nothing in the root is as bright as metal.

    Raises:
        NotMeasurable: something is.
    """
    if np.count_nonzero(deposits.in_root & (deposits.hu >= _METAL_HU)) * voxel_mm3 > _MOST_METAL_MM3:
        raise NotMeasurable("Metal lies in the root, such as a prosthesis, and cannot be told from calcium.")
