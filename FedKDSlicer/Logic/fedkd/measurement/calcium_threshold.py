"""From what brightness on a voxel may be calcium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fedkd.measurement.quantity import NotMeasurable

if TYPE_CHECKING:
    from fedkd.measurement.blood import Blood

# Below this many standard deviations above the blood's mean, noise alone joins voxels into false calcium.
_LEAST_DISTANCE_SD = 1.5
_ABOVE_LUMEN_HU = 100.0


# Below, contrast itself would count in any CT; above, no calcium would.
LOWEST_FIXED_HU, HIGHEST_FIXED_HU = 130, 2000
_ABOVE_LUMEN = "lumen+100"


@dataclass(frozen=True)
class CalciumThreshold:
    """From what brightness on a voxel may be calcium: ``lumen+100``, or whole HU such as ``850``.

    Which is best in contrast CT is unsettled, so the choice is shown with every result. ``lumen+100``, the default,
    follows the contrast, so that it never lies below the blood, and it predicted leaks beside the prosthesis best of
    six thresholds in 104 patients (area under the curve 0.81; George Washington University). Fixed thresholds fit one
    contrast only: 850 HU was best from 300 HU in the outflow tract on, 450 HU below (244 patients, Universitas
    Mercatorum).

    Raises:
        ValueError: ``value`` is neither; the message is for users.
    """

    value: str
    FIXED_850: ClassVar[CalciumThreshold]
    FIXED_450: ClassVar[CalciumThreshold]
    LUMEN_PLUS_100: ClassVar[CalciumThreshold]

    def __post_init__(self) -> None:
        if self.value == _ABOVE_LUMEN:
            return
        digits = self.value.isascii() and self.value.isdigit() and len(self.value) <= 4 and self.value[0] != "0"
        if not (digits and LOWEST_FIXED_HU <= int(self.value) <= HIGHEST_FIXED_HU):
            raise ValueError(
                f"{self.value!r} is no calcium threshold: it is {_ABOVE_LUMEN}, "
                f"or from {LOWEST_FIXED_HU} to {HIGHEST_FIXED_HU} HU"
            )

    @property
    def fixed_hu(self) -> float | None:
        """The threshold in HU; None where it follows the blood."""
        return None if self.value == _ABOVE_LUMEN else float(self.value)


CalciumThreshold.FIXED_850 = CalciumThreshold("850")
CalciumThreshold.FIXED_450 = CalciumThreshold("450")
CalciumThreshold.LUMEN_PLUS_100 = CalciumThreshold(_ABOVE_LUMEN)


def threshold_hu(choice: CalciumThreshold, blood: Blood) -> float:
    """Return the threshold in HU.

    Raises:
        NotMeasurable: it lies in the brightness of the blood, noise included.
    """
    value = blood.mean_hu + _ABOVE_LUMEN_HU if choice.fixed_hu is None else choice.fixed_hu
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
