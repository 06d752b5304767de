"""How bright contrast-filled blood is, in the middle of the ascending aorta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.outline import plane_axes
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt

_LOWEST_BLOOD_HU = 120.0  # soft tissue with contrast has 40 to 110 HU
_BALL_MM = 5.0
_WINDOW_MM = 9.0  # smaller than any aorta's radius, so that a neighboring vessel is never in it
_HEIGHTS_MM = np.arange(8.0, 36.0, 3.0)  # through the sinuses into the ascending aorta
_LOWEST_HEIGHT_MM = 14.0  # below it lie the leaflets


@dataclass(frozen=True)
class Blood:
    """Mean and standard deviation of the CT's own voxels in a ball in the ascending aorta."""

    mean_hu: float
    sd_hu: float


def measure_blood(root: RootCt, plane: Plane) -> Blood:
    """Return how bright blood is about 35 mm above the annulus ``plane``, or as high as the image goes.

    The middle of the lumen is followed upwards by mean shift: the mean place of the blood in a small disk.

    Raises:
        NotMeasurable: the image ends right above the annulus, or nothing there looks like blood with contrast.
    """
    centers = _centers_in_aorta(root, plane)
    if not centers:
        raise NotMeasurable("The CT ends too close above the annulus to find the ascending aorta.")
    hu = root.voxels_in_ball(centers[-1], _BALL_MM)
    blood = Blood(float(hu.mean()), float(hu.std()))
    if blood.mean_hu < 0 or blood.sd_hu > max(blood.mean_hu, _LOWEST_BLOOD_HU) / 2:
        raise NotMeasurable("No ascending aorta filled with contrast was found above the annulus plane.")
    if blood.mean_hu < _LOWEST_BLOOD_HU:
        raise NotMeasurable(
            f"The ascending aorta has only {blood.mean_hu:.0f} HU: blood cannot be told from the wall without contrast."
        )
    return blood


def _centers_in_aorta(root: RootCt, plane: Plane) -> list[FloatArray]:
    """Return the lumen's middle at rising heights above the leaflets, as far as the image holds the whole ball."""
    first, second = plane_axes(plane)
    offsets = np.arange(-_WINDOW_MM, _WINDOW_MM + 0.5)
    disk = np.stack(np.meshgrid(offsets, offsets), axis=-1).reshape(-1, 2)
    disk = disk[(disk**2).sum(axis=1) <= _WINDOW_MM**2] @ np.stack([first, second])
    centers: list[FloatArray] = []
    shift = np.zeros(3)
    for height in _HEIGHTS_MM:
        for _ in range(3):
            center = plane.center_lps_mm + height * plane.normal_lps + shift
            hu = root.sample(center + disk)
            if np.isnan(hu).any():
                return centers
            middle = np.median(hu)
            bright = hu >= middle - 0.3 * abs(middle)
            shift = shift + disk[bright].mean(axis=0)
        if height >= _LOWEST_HEIGHT_MM:
            centers.append(plane.center_lps_mm + height * plane.normal_lps + shift)
    return centers
