"""What of the measured shapes is to be drawn in a view: outlines in pixels, and what to write beside them.

Pure geometry; x runs right and y runs up from the picture's lower left corner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fedkd.measurement.palette import Rgb, shape_color_rgb
from fedkd_slicer.measured_shapes import MeasuredShapes, NamedCurve, is_diameter
from fedkd_slicer.view_plan import PlannedView
from fedkd_slicer.view_planes import FloatArray, ViewPlane

# What lies this close to a slice is in it for a reader.
_IN_PLANE_MM = 1.5
ToPicturePx = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Outline:
    """A line to draw.

    Args:
        points_px: shape (n, 2).
        color: of line and text.
        is_closed: whether the last point is joined to the first.
        text: to write beside it; empty for none.
        text_at_px: what the text belongs to, shape (2,).
    """

    points_px: FloatArray
    color: Rgb
    is_closed: bool
    text: str
    text_at_px: FloatArray


def outlines_in_slice(shapes: MeasuredShapes, plan: PlannedView, to_px: ToPicturePx) -> tuple[Outline, ...]:
    """Return what lies in the slice in full, and of the planned levels the line from wall to wall where they cross it.

    Diameters are shown with their contour only: elsewhere they would be lines without a meaning.
    """
    in_full = [_closed(one, to_px) for one in shapes.contours if _lies_in(one, plan.plane)]
    crossing = [_level(one, plan.plane, to_px) for one in shapes.contours if one.name in plan.levels]
    lines = [
        _outline(one, to_px) for one in shapes.lines if _lies_in(one, plan.plane) and (in_full or not is_diameter(one))
    ]
    return (*in_full, *(level for level in crossing if level is not None), *lines)


def heights_in_3d(shapes: MeasuredShapes, to_px: ToPicturePx) -> tuple[Outline, ...]:
    """Return the lines that stand on the annulus plane; contours and plane are drawn in space, not on the picture."""
    return tuple(_outline(line, to_px) for line in shapes.lines if not is_diameter(line))


def _lies_in(curve: NamedCurve, plane: ViewPlane) -> bool:
    return float(np.abs(_depths_mm(curve, plane)).max()) <= _IN_PLANE_MM


def _closed(contour: NamedCurve, to_px: ToPicturePx) -> Outline:
    points_px = _in_px(contour.points_ras_mm, to_px)
    return Outline(points_px, shape_color_rgb(contour.name), True, "", points_px[0])


def _level(contour: NamedCurve, plane: ViewPlane, to_px: ToPicturePx) -> Outline | None:
    crossings = crossings_ras_mm(contour.points_ras_mm, _depths_mm(contour, plane))
    if _lies_in(contour, plane) or len(crossings) < 2:
        return None
    ends_px = _farthest_pair(_in_px(crossings, to_px))
    return Outline(ends_px, shape_color_rgb(contour.name), False, contour.name, ends_px[-1])


def _outline(line: NamedCurve, to_px: ToPicturePx) -> Outline:
    points_px = _in_px(line.points_ras_mm, to_px)
    # Diameters cross in the middle, heights end at a landmark that has a name of its own.
    text_at_px = points_px[-1] if is_diameter(line) else points_px.mean(axis=0)
    return Outline(points_px, shape_color_rgb(line.name), False, line.text, text_at_px)


def crossings_ras_mm(points_ras_mm: FloatArray, depths_mm: FloatArray) -> FloatArray:
    """Return where a closed curve crosses the plane from which its points have these signed distances, (n, 3)."""
    following, depths_after = np.roll(points_ras_mm, -1, axis=0), np.roll(depths_mm, -1)
    crosses = (depths_mm < 0) != (depths_after < 0)
    before, after = depths_mm[crosses], depths_after[crosses]
    fraction = (before / (before - after))[:, None]
    return points_ras_mm[crosses] * (1 - fraction) + following[crosses] * fraction


def _depths_mm(curve: NamedCurve, plane: ViewPlane) -> FloatArray:
    return (curve.points_ras_mm - plane.center_ras_mm) @ plane.toward_viewer


def _in_px(points_ras_mm: FloatArray, to_px: ToPicturePx) -> FloatArray:
    return np.array([to_px(point) for point in points_ras_mm])


def _farthest_pair(points_px: FloatArray) -> FloatArray:
    """Return the two points farthest from each other, the right one last."""
    distances = np.linalg.norm(points_px[:, None] - points_px, axis=2)
    pair = points_px[list(np.unravel_index(int(distances.argmax()), distances.shape))]
    return pair[np.argsort(pair[:, 0])]
