"""Are the landmarks where anatomy has them: around the valve, and above or below its plane?"""

from __future__ import annotations

import math

import numpy as np

from fedkd.anatomy import HINGE_POINTS, OSTIA
from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.catalog import STUDY_RANGE
from fedkd.measurement.findings import Finding
from fedkd.measurement.outline import plane_axes
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_landmarks import RootLandmarks

_ANATOMY = "anatomy"
# Angles between neighboring hinge points around the annulus.
_GAPS_DEG = {
    ("RCC", "LCC"): (102.0, 134.0),
    ("LCC", "NCC"): (107.0, 147.0),
    ("NCC", "RCC"): (87.0, 143.0),
}
_OWN_CUSP = {"RCO": "RCC", "LCO": "LCC"}
_SEPTUM_BESIDE_DEG = 20.0  # it lies under the commissure between RCC and NCC, and is some millimeters wide


def cusp_findings(landmarks: RootLandmarks) -> list[Finding]:
    """Return what is unusual about hinge points and ostia."""
    try:
        plane = landmarks.need_plane()
    except NotMeasurable as why:
        if landmarks.has(*HINGE_POINTS):
            return [Finding("hinge_points_in_line", "warning", f"{why} Check them.")]
        return []
    if _is_upside_down(landmarks, plane):
        text = "The cusps are not in their usual order around the valve (RCC, LCC, NCC counterclockwise, seen from the "
        return [Finding("cusp_order", "warning", f"{text}aorta), or the ostia are misplaced. Check them.")]
    around = _azimuths_deg(landmarks, plane)
    return [
        *_ostia_below_plane(landmarks, plane),
        *_ostia_over_other_cusps(around),
        *_unusual_gaps(around),
    ]


def septum_findings(landmarks: RootLandmarks) -> list[Finding]:
    """Return what is unusual about the septum's points; its distances from the plane have ranges in the catalog."""
    plane = landmarks.plane
    if plane is None or not landmarks.has("MS1", "MS2"):
        return []
    found = []
    upper, lower = (plane.signed_distance_mm(point) for point in landmarks.need("MS1", "MS2"))
    if upper <= lower:
        text = f"MS1, the septum's upper point, lies {lower - upper:.1f} mm below MS2. Check them."
        found.append(Finding("septum_upside_down", "warning", text, upper - lower, "mm", 0.0, None, _ANATOMY))
    around = _azimuths_deg(landmarks, plane)
    between = (around["RCC"] - around["NCC"]) % 360.0
    for name in ("MS1", "MS2"):
        beyond = (around[name] - around["NCC"] + _SEPTUM_BESIDE_DEG) % 360.0
        if beyond > between + 2 * _SEPTUM_BESIDE_DEG:
            text = f"{name} does not lie between the non-coronary and the right cusp. Check it."
            found.append(Finding(f"{name.lower()}_beside_septum", "warning", text, source=_ANATOMY))
    return found


def _is_upside_down(landmarks: RootLandmarks, plane: Plane) -> bool:
    """True when the order of the hinge points turns the plane's normal away from the aorta."""
    heights = [plane.signed_distance_mm(landmarks.need(name)[0]) for name in OSTIA if landmarks.has(name)]
    if heights:
        return all(height < 0 for height in heights)
    return bool(plane.normal_lps[2] < 0)


def _ostia_below_plane(landmarks: RootLandmarks, plane: Plane) -> list[Finding]:
    found = []
    for name in OSTIA:
        height = plane.signed_distance_mm(landmarks.need(name)[0]) if landmarks.has(name) else 0.0
        if height < 0:
            text = f"{name} lies {-height:.1f} mm below the annulus plane. Check it."
            code = f"{name.lower()}_below_plane"
            found.append(Finding(code, "warning", text, height, "mm", 0.0, None, _ANATOMY))
    return found


def _ostia_over_other_cusps(around: dict[str, float]) -> list[Finding]:
    found = []
    for ostium, own in _OWN_CUSP.items():
        if ostium not in around:
            continue
        away = {cusp: _apart_deg(around[ostium], around[cusp]) for cusp in HINGE_POINTS}
        nearest = min(away, key=lambda cusp: away[cusp])
        if nearest != own:
            text = f"{ostium} lies over the hinge point {nearest}, not over {own}. Check them."
            code = f"{ostium.lower()}_over_other_cusp"
            found.append(Finding(code, "warning", text, away[own], "deg", 0.0, 60.0, _ANATOMY))
    return found


def _unusual_gaps(around: dict[str, float]) -> list[Finding]:
    found = []
    for (first, second), (low, high) in _GAPS_DEG.items():
        gap = (around[second] - around[first]) % 360.0
        if not low <= gap <= high:
            # Rounded to whole degrees it may look as if it lay within.
            shown = f"{gap:.0f}" if not low <= round(gap) <= high else f"{gap:.1f}"
            text = f"{first} and {second} are {shown}\N{DEGREE SIGN} apart around the annulus; usual are "
            text += f"{low:.0f} to {high:.0f}\N{DEGREE SIGN}."
            code = f"{first.lower()}_{second.lower()}_gap"
            found.append(Finding(code, "note", text, gap, "deg", low, high, STUDY_RANGE))
    return found


def _azimuths_deg(landmarks: RootLandmarks, plane: Plane) -> dict[str, float]:
    """Return where the landmarks lie around the annulus, counterclockwise seen from the aorta."""
    first, second = plane_axes(plane)

    def azimuth(point: FloatArray) -> float:
        offset = point - plane.center_lps_mm
        return math.degrees(math.atan2(float(offset @ second), float(offset @ first)))

    return {name: azimuth(point) for name, point in landmarks.positions_lps_mm.items() if landmarks.has(name)}


def _apart_deg(one: float, other: float) -> float:
    return float(np.abs((one - other + 180.0) % 360.0 - 180.0))
