"""A plane of the CT seen along rays from a point in the lumen, and how much each sample looks like blood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.blood import Blood
from fedkd.measurement.outline import plane_axes
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt

RAYS = 144
STEP_MM = 0.4
ANGLES: FloatArray = np.arange(RAYS, dtype=np.float64) * float(2 * np.pi / RAYS)
WALL_HU = 60.0  # without calcium: 40 to 70
TISSUE_HU = 80.0  # in between: muscle with contrast has 80 to 140
_CORE_MM = 6.0
# Of the blood in the ascending aorta. The ventricle is rarely much brighter; calcium on leaflets often is.
_BRIGHTEST_BLOOD = (1.3, 2.0)
_SMALLEST_CONTRAST_HU = 60.0
_CALCIUM_ABOVE_BLOOD_HU = 130.0
_CALCIUM_ABOVE_NOISE = 4.0
_BLOOMING_MM = 0.8

Samples = npt.NDArray[np.float32]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rays:
    """Samples ``hu`` (rays, steps), NaN outside the CT; ``blood_hu`` is the level of this plane's own blood."""

    hu: Samples
    blood_hu: float
    noise_hu: float

    @classmethod
    def cast(cls, root: RootCt, plane: Plane, blood: Blood, reach_mm: float) -> Rays:
        """Sample the plane from its center out to ``reach_mm``.

        Raises:
            NotMeasurable: the center is not in contrast-filled blood, or outside the CT.
        """
        first, second = plane_axes(plane)
        directions = np.cos(ANGLES)[:, None] * first + np.sin(ANGLES)[:, None] * second
        radii = np.arange(0, reach_mm + STEP_MM / 2, STEP_MM)
        hu = root.sample(plane.center_lps_mm + directions[:, None, :] * radii[:, None])
        level = _blood_level(hu, blood)
        if level - TISSUE_HU < max(_SMALLEST_CONTRAST_HU, blood.sd_hu):
            raise NotMeasurable("There is too little contrast to tell blood from the wall.")
        return cls(hu, level, blood.sd_hu)

    @cached_property
    def calcium(self) -> Booleans:
        """Where calcium is, widened by the ring in which its brightness fades through that of blood."""
        above = max(_CALCIUM_ABOVE_BLOOD_HU, _CALCIUM_ABOVE_NOISE * self.noise_hu)
        bright = np.nan_to_num(self.hu, nan=-1000.0) > self.blood_hu + above
        bright = ndimage.binary_opening(bright, np.ones((1, 2), bool)) if bright.any() else bright
        reach = round(_BLOOMING_MM / STEP_MM)
        padded = np.concatenate([bright[-2:], bright, bright[:2]])
        return np.asarray(ndimage.binary_dilation(padded, np.ones((5, 2 * reach + 1), bool))[2:-2])

    @cached_property
    def likeness(self) -> Samples:
        """How much a sample looks like blood: 1 blood, 0 tissue, air, or outside the CT; 0.5, undecided, in calcium."""
        part = (np.nan_to_num(self.hu, nan=-1000.0) - TISSUE_HU) / (self.blood_hu - TISSUE_HU)
        return np.where(self.calcium, 0.5, np.clip(part, 0, 1)).astype(np.float32)


def _blood_level(hu: Samples, blood: Blood) -> float:
    """Return the middle of what looks like blood near the center; the ventricle may be darker than the aorta."""
    core = hu[:, : round(_CORE_MM / STEP_MM)].ravel()
    if np.isnan(core).any():
        raise NotMeasurable("The plane leaves the CT.")
    low = TISSUE_HU + 0.5 * (blood.mean_hu - TISSUE_HU)
    for brightest in _BRIGHTEST_BLOOD:
        alike = core[(core > low) & (core < blood.mean_hu * brightest)]
        if len(alike) >= len(core) / 4:
            break
    else:
        raise NotMeasurable("The middle of the plane does not lie in contrast-filled blood.")
    # Leaflets fill much of the core in the sinuses: only what is about as bright as the brightest counts.
    bright = np.percentile(alike, 85) - 3 * blood.sd_hu
    return float(np.median(alike[alike >= bright]))
