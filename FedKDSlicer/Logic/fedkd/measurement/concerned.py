"""Which landmarks a finding is about, by its code: beside them it is shown."""

from __future__ import annotations

from fedkd.anatomy import HINGE_POINTS, LANDMARK_NAMES, OSTIA, SEPTUM
from fedkd.measurement.catalog import BY_KEY, Group

_OUT_OF_RANGE = "_out_of_range"
# Findings on the arrangement of several landmarks, and on views that follow from them.
_TOGETHER: dict[str, tuple[str, ...]] = {
    "hinge_points_in_line": HINGE_POINTS,
    "cusp_order": (*HINGE_POINTS, *OSTIA),
    "septum_upside_down": SEPTUM,
    "three_cusp_out_of_reach": HINGE_POINTS,
    "cusp_overlap_out_of_reach": HINGE_POINTS,
    "rco_over_other_cusp": ("RCC", "LCC", "NCC", "RCO"),
    "lco_over_other_cusp": ("RCC", "LCC", "NCC", "LCO"),
}
# Sizes away from the annulus are read off the CT: an unusual one says little about the hinge points.
_OF_LANDMARKS = (Group.ANNULUS, Group.CORONARIES, Group.SEPTUM, Group.ANGLES)


def concerned_landmarks(code: str) -> tuple[str, ...]:
    """Return the landmarks to look at because of a finding, in anatomy's order; none: it is about the whole case."""
    if code in _TOGETHER:
        return _TOGETHER[code]
    if code.endswith(_OUT_OF_RANGE):
        return _measured_from(code.removesuffix(_OUT_OF_RANGE))
    words = code.upper().split("_")
    return tuple(name for name in LANDMARK_NAMES if name in words)


def _measured_from(key: str) -> tuple[str, ...]:
    specification = BY_KEY.get(key)
    if specification is None or specification.group not in _OF_LANDMARKS:
        return ()
    inputs = tuple(name for name in LANDMARK_NAMES if name in specification.inputs)
    # A coronary height speaks of its ostium: were it the plane's fault, the annulus would be unusual as well.
    return tuple(name for name in inputs if name not in HINGE_POINTS) or inputs
