"""Shapes as the engine tells them (shapes.json), in Slicer's coordinates. The engine has checked what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fedkd.geometry import Plane
from fedkd.measurement.shapes import CArmView, CenterlinePoint, Contour, Line, Shapes
from fedkd_slicer.measured_shapes import MeasuredShapes, in_ras


def shapes_in_ras(told: dict[str, Any] | None, shown_by_name: Mapping[str, str]) -> MeasuredShapes:
    """Return what is drawn; nothing where there are no shapes.

    Args:
        told: the content of shapes.json (shapes.schema.json), LPS mm.
        shown_by_name: clinical name -> measured value with its unit, to be written beside lines.
    """
    return MeasuredShapes() if told is None else in_ras(_shapes(told), shown_by_name)


def _shapes(told: dict[str, Any]) -> Shapes:
    return Shapes(
        annulus_plane=None if told["annulus_plane"] is None else _plane(told["annulus_plane"]),
        hinge_circle_diameter_mm=told["hinge_circle_diameter_mm"],
        contours=tuple(
            Contour(one["name"], _plane(one["plane"]), np.array(one["points_lps_mm"], float))
            for one in told["contours"]
        ),
        lines=tuple(
            Line(one["name"], np.array(one["start_lps_mm"], float), np.array(one["end_lps_mm"], float))
            for one in told["lines"]
        ),
        centerline=tuple(
            CenterlinePoint(one["height_mm"], np.array(one["position_lps_mm"], float), one["area_mm2"])
            for one in told["centerline"]
        ),
        s_curve=tuple(_view(one) for one in told["s_curve"]),
        named_views={name: _view(one) for name, one in told["named_views"].items()},
    )


def _plane(told: dict[str, Any]) -> Plane:
    return Plane(np.array(told["center_lps_mm"], float), np.array(told["normal_lps"], float))


def _view(told: dict[str, Any]) -> CArmView:
    return CArmView(told["lao_deg"], told["cranial_deg"])
