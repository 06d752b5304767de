"""Aortic angulation, and the C-arm views in which the annulus is seen from its side.

A C-arm view is named by where the detector stands, for a patient on the back, as on the C-arm's display and in
DICOM (Positioner Primary and Secondary Angle, PS3.3 C.8.7.5): LAO positive, the detector moves from the front to the
patient's left; RAO negative, to the right; cranial positive, it then tilts to the head; caudal negative, to the feet.
In LPS, where x points to the left, y to the back and z to the head, the unit vector from the heart to the detector is

    d(LAO, CRA) = (sin LAO * cos CRA, -cos LAO * cos CRA, sin CRA).

The annulus is seen from its side when d lies in its plane: d . n = 0. That gives one tilt for each rotation,

    tan CRA = (n_y * cos LAO - n_x * sin LAO) / n_z,

the S-curve. A patient who lay turned in the CT lies differently under the C-arm: then the views do not hold.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.shapes import CArmView

# A choice of ours for what a C-arm reaches around a patient on the table: no publication gives one number, and it
# depends on the system, the patient and the position of the arms. A view beyond it is marked, not hidden.
REACHABLE_LAO_RAO_DEG = 60.0
REACHABLE_CRANIAL_CAUDAL_DEG = 40.0

_CURVE_LAO_DEG = tuple(range(-90, 91))
_NOTHING_MM = 1e-6
_NOTHING = 1e-9


def detector_direction_lps(view: CArmView) -> FloatArray:
    """Return the unit vector from the heart to the detector, LPS; see the formula above."""
    lao, cranial = math.radians(view.lao_deg), math.radians(view.cranial_deg)
    return np.array([math.sin(lao) * math.cos(cranial), -math.cos(lao) * math.cos(cranial), math.sin(cranial)])


def view_from(direction_lps: npt.ArrayLike) -> CArmView:
    """Return the view along a line, with the detector at that end of it which lies in front of the patient.

    Args:
        direction_lps: along the line, LPS, of any length; its sign does not matter.

    Raises:
        NotMeasurable: it has no length.
    """
    x, y, z = (float(part) for part in np.asarray(direction_lps, float))
    length = math.sqrt(x * x + y * y + z * z)
    if length < _NOTHING_MM:
        raise NotMeasurable("The points that give the direction of view lie on each other.")
    if y > 0 or (y == 0 and x < 0):
        x, y, z = -x, -y, -z
    across = math.hypot(x, y)
    lao = math.atan2(x, -y) if across > _NOTHING * length else 0.0
    return CArmView(math.degrees(lao), math.degrees(math.atan2(z, across)))


def is_reachable(view: CArmView) -> bool:
    """True when C-arms usually get there; see the limits above."""
    return abs(view.lao_deg) <= REACHABLE_LAO_RAO_DEG and abs(view.cranial_deg) <= REACHABLE_CRANIAL_CAUDAL_DEG


def aortic_angulation_deg(plane: Plane) -> float:
    """Return the angle between the annulus plane and the horizontal plane, 0 to 180 degrees."""
    return math.degrees(math.acos(max(-1.0, min(1.0, float(plane.normal_lps[2])))))


def cranial_on_s_curve_deg(plane: Plane, lao_deg: float) -> float:
    """Return the tilt, from -90 to 90 degrees, at which the annulus is seen from its side at that rotation."""
    normal_x, normal_y, normal_z = (float(part) for part in plane.normal_lps)
    lao = math.radians(lao_deg)
    rise = normal_y * math.cos(lao) - normal_x * math.sin(lao)
    return math.degrees(math.atan2(rise, normal_z) if normal_z >= 0 else math.atan2(-rise, -normal_z))


def s_curve(plane: Plane) -> tuple[CArmView, ...]:
    """Return the views in which the hinge points are in line: every degree from RAO 90 to LAO 90."""
    return tuple(CArmView(float(lao), cranial_on_s_curve_deg(plane, lao)) for lao in _CURVE_LAO_DEG)


def three_cusp_view(rcc_lps_mm: npt.ArrayLike, lcc_lps_mm: npt.ArrayLike, ncc_lps_mm: npt.ArrayLike) -> CArmView:
    """Return the view on the S-curve in which the right cusp lies midway between the two others.

    All three points are on the annulus plane, so any direction from one to another is on the S-curve. Along the line
    from the middle of the left and non-coronary hinge point to the right one, the latter covers that middle.

    Raises:
        NotMeasurable: the right hinge point lies in that middle.
    """
    rcc, lcc, ncc = (np.asarray(point, float) for point in (rcc_lps_mm, lcc_lps_mm, ncc_lps_mm))
    return view_from(rcc - (lcc + ncc) / 2)


def cusp_overlap_view(rcc_lps_mm: npt.ArrayLike, lcc_lps_mm: npt.ArrayLike) -> CArmView:
    """Return the view on the S-curve in which the right and the left hinge point cover each other.

    Raises:
        NotMeasurable: they lie on each other.
    """
    return view_from(np.asarray(rcc_lps_mm, float) - np.asarray(lcc_lps_mm, float))
