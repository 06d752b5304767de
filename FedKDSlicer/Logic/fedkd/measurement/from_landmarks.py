"""What landmarks alone give: plane, circle, heights, septum, C-arm views. Takes a millisecond."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fedkd.anatomy import HINGE_POINTS, OSTIA, SEPTUM
from fedkd.measurement import angles, septum
from fedkd.measurement.catalog import CUSP_OVERLAP, THREE_CUSP
from fedkd.measurement.heights import height_line
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.shapes import CArmView, Line, Shapes
from fedkd.measurement.sheet import Sheet

_HEIGHT_LINES = {"LCO": "Left coronary height", "RCO": "Right coronary height"}


def measure_landmarks(landmarks: RootLandmarks, sheet: Sheet) -> Shapes:
    """Enter what needs no CT into ``sheet``; return the shapes that belong to it."""
    sheet.measure(("hinge_circle_diameter_mm",), lambda: (hinge_circle_mm(landmarks),))
    for name in ("LCO", "RCO"):
        sheet.measure((f"{name.lower()}_height_mm",), partial(_height_mm, landmarks, name))
    _measure_septum(landmarks, sheet)
    sheet.measure(("aortic_angulation_deg",), lambda: (angles.aortic_angulation_deg(landmarks.need_plane()),))
    views = _measure_views(landmarks, sheet)
    return replace(_shapes(landmarks), named_views=views)


def hinge_circle_mm(landmarks: RootLandmarks) -> float:
    """Return the diameter of the circle through the hinge points.

    Raises:
        NotMeasurable: there is no annulus plane.
    """
    plane = landmarks.need_plane()
    return 2 * float(np.linalg.norm(landmarks.positions_lps_mm["RCC"] - plane.center_lps_mm))


def _height_mm(landmarks: RootLandmarks, name: str) -> tuple[float]:
    return (landmarks.need_plane().signed_distance_mm(landmarks.need(name)[0]),)


def _measure_septum(landmarks: RootLandmarks, sheet: Sheet) -> None:
    def length() -> Sequence[float | str]:
        length_mm = septum.septum_length_mm(*landmarks.need(*SEPTUM))
        return length_mm, septum.risk_band(length_mm)

    sheet.measure(("septum_length_mm", "septum_risk_band"), length)
    for name in SEPTUM:
        sheet.measure((f"{name.lower()}_to_plane_mm",), partial(_height_mm, landmarks, name))


def _measure_views(landmarks: RootLandmarks, sheet: Sheet) -> dict[str, CArmView]:
    """Enter the named views, which only an annulus plane gives, and return them."""
    views: dict[str, CArmView] = {}

    def measure(key: str, name: str, find: Callable[[], CArmView]) -> None:
        def both() -> Sequence[float]:
            landmarks.need_plane()
            views[name] = find()
            return views[name].lao_deg, views[name].cranial_deg

        sheet.measure((f"{key}_lao_deg", f"{key}_cranial_deg"), both)

    measure("three_cusp", THREE_CUSP, lambda: angles.three_cusp_view(*landmarks.need(*HINGE_POINTS)))
    measure("cusp_overlap", CUSP_OVERLAP, lambda: angles.cusp_overlap_view(*landmarks.need("RCC", "LCC")))
    return views


def _shapes(landmarks: RootLandmarks) -> Shapes:
    lines: list[Line] = []
    plane = landmarks.plane
    if plane is not None:
        lines += [
            height_line(_HEIGHT_LINES[name], plane, landmarks.need(name)[0]) for name in OSTIA if landmarks.has(name)
        ]
    if landmarks.has(*SEPTUM):
        lines.append(septum.septum_line(*landmarks.need(*SEPTUM)))
    return Shapes(
        annulus_plane=plane,
        hinge_circle_diameter_mm=None if plane is None else hinge_circle_mm(landmarks),
        lines=tuple(lines),
        s_curve=() if plane is None else angles.s_curve(plane),
    )
