"""From what brightness on a voxel may be calcium."""

from __future__ import annotations

from enum import StrEnum

from fedkd.measurement.blood import Blood
from fedkd.measurement.quantity import NotMeasurable

# Below this many standard deviations above the blood's mean, noise alone joins voxels into false calcium.
_LEAST_DISTANCE_SD = 1.5
_ABOVE_LUMEN_HU = 100.0


class CalciumThreshold(StrEnum):
    """The thresholds in use for contrast CT; which is best is unsettled, so the choice is shown with every result.

    `LUMEN_PLUS_100` is the default: it follows the contrast, so that it never lies below the blood, and it predicted
    leaks beside the prosthesis best of six thresholds in 104 patients (area under the curve 0.81; George Washington
    University). Fixed thresholds fit one contrast only: 850 HU was best from 300 HU in the outflow tract on, 450 HU
    below (244 patients, Universitas Mercatorum).
    """

    FIXED_850 = "850"
    FIXED_450 = "450"
    LUMEN_PLUS_100 = "lumen+100"


def threshold_hu(choice: CalciumThreshold, blood: Blood) -> float:
    """Return the threshold in HU.

    Raises:
        NotMeasurable: it lies in the brightness of the blood, noise included.
    """
    value = blood.mean_hu + _ABOVE_LUMEN_HU if choice is CalciumThreshold.LUMEN_PLUS_100 else float(choice.value)
    require_above_blood(value, blood, "the ascending aorta")
    return value


def require_above_blood(value_hu: float, blood: Blood, place: str, least_sd: float = _LEAST_DISTANCE_SD) -> None:
    """Check that a threshold lies ``least_sd`` standard deviations above the blood in ``place``.

    Raises:
        NotMeasurable: it does not.
    """
    if value_hu <= blood.mean_hu:
        raise NotMeasurable(
            f"The blood in {place} ({blood.mean_hu:.0f} HU) is brighter than the threshold ({value_hu:.0f} HU)."
        )
    if value_hu < blood.mean_hu + least_sd * blood.sd_hu:
        raise NotMeasurable(
            f"The threshold ({value_hu:.0f} HU) lies in the noise of the blood in {place} "
            f"({blood.mean_hu:.0f} HU, standard deviation {blood.sd_hu:.0f} HU)."
        )
