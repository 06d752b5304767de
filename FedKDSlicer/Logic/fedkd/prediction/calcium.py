"""Calcification at the CT's own resolution: what the network points to, outlined by its brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.anatomy import HEART_CHANNELS
from fedkd.backends import HeadProbabilities
from fedkd.geometry import Grid
from fedkd.volumes import resample_to_grid, voxels_around

_AORTA = HEART_CHANNELS.index("aorta")
_FEWEST_LUMEN_VOXELS = 50
# A voxel half filled with calcium is halfway between blood and calcium; calcium starts at about 600 HU.
_ABOVE_LUMEN_HU = 150.0
_REACH_MM = 1.0


@dataclass(frozen=True)
class Calcification:
    """``mask``: uint8, 0 or 1, in the CT's grid. ``threshold_hu``: None when the lumen was not seen."""

    mask: sitk.Image
    threshold_hu: float | None


def outline_calcification(
    ct: sitk.Image, maps: HeadProbabilities, grid: Grid, crop_hu: npt.NDArray[np.int16]
) -> Calcification:
    """Return the calcification as a mask on the CT's grid.

    Args:
        ct: the CT, in any orientation.
        maps: class probabilities of the head ``calc``, and of ``heart`` where there is one, on ``grid``.
        grid: the fine crop's grid.
        crop_hu: the CT on that grid, (z, y, x).
    """
    mask = sitk.Image(ct.GetSize(), sitk.sitkUInt8)
    mask.CopyInformation(ct)
    threshold_hu = _threshold_hu(maps["heart"], crop_hu) if "heart" in maps else None
    box = voxels_around(Grid.of(ct), grid)
    if box is None:
        return Calcification(mask, threshold_hu)
    index, size = box
    region = sitk.RegionOfInterest(ct, size, index)
    likely = _to_grid(maps["calc"][1], grid, Grid.of(region))
    found = likely > 0.5
    if threshold_hu is not None:
        found = _widened(found, region.GetSpacing()) & (sitk.GetArrayViewFromImage(region) > threshold_hu)
    part = Grid.of(region).to_image(found.astype(np.uint8))
    return Calcification(sitk.Paste(mask, part, part.GetSize(), destinationIndex=index), threshold_hu)


def _threshold_hu(heart: npt.NDArray[np.float32], crop_hu: npt.NDArray[np.int16]) -> float | None:
    lumen_hu = crop_hu[heart[_AORTA] > 0.8]
    if lumen_hu.size < _FEWEST_LUMEN_VOXELS:
        return None
    # The median: calcium and leaflets inside the lumen must not move it.
    return float(np.median(lumen_hu)) + _ABOVE_LUMEN_HU


def _to_grid(probability: npt.NDArray[np.float32], grid: Grid, target: Grid) -> npt.NDArray[np.float32]:
    resampled = resample_to_grid(grid.to_image(probability), target, sitk.sitkLinear, 0.0)
    return sitk.GetArrayFromImage(resampled)


def _widened(mask: npt.NDArray[np.bool_], spacing_xyz_mm: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    radius = [max(1, round(_REACH_MM / spacing)) for spacing in spacing_xyz_mm]
    image = sitk.BinaryDilate(sitk.GetImageFromArray(mask.astype(np.uint8)), radius)
    return sitk.GetArrayFromImage(image).astype(bool)
