"""What is drawn over every picture: names of points, directions, scale and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import vtk

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import LANDMARK_BY_NAME
from fedkd_slicer.captions import LEGEND, Caption
from fedkd_slicer.label_layout import Box, place_labels
from fedkd_slicer.label_style import label_style, nearest_in_box, readable_on_black
from fedkd_slicer.overlay_drawing import (
    AMBER,
    BLACK,
    GRAY,
    WHITE,
    LineStyle,
    Rgb,
    TextStyle,
    add_box,
    add_line,
    add_outline,
    add_text,
    text_size_px,
)
from fedkd_slicer.shape_outlines import Outline
from fedkd_slicer.view_planes import FloatArray, ViewPlane, direction_letters

_HEADER_PX = 56
_FOOTER_LINE_PX = 18
_MARGIN_PX = 12
_OUTLINE_PX = 2.5
_LABEL = label_style(16)
_LETTER = TextStyle(20, color=AMBER, bold=True, align="center", backing=0.4)


def annotate(
    overlay: vtk.vtkRenderer, size_px: int, caption: Caption, plane: ViewPlane, field_of_view_mm: float
) -> Box:
    """Draw bars with words above and below, direction letters and a scale bar; return what is left free."""
    free = Box(0, _footer_height(caption), size_px, size_px - _HEADER_PX)
    _draw_header(overlay, size_px, caption)
    _draw_footer(overlay, size_px, caption)
    _draw_directions(overlay, free, plane)
    _draw_scale_bar(overlay, free, size_px / field_of_view_mm)
    return free


@dataclass(frozen=True)
class Label:
    """What to write, and the place in the picture, shape (2,), that it belongs to."""

    text: str
    place_px: FloatArray
    color: Rgb


def landmark_label(name: str, text: str, place_px: FloatArray) -> Label:
    """Return a label in the landmark's color."""
    return Label(text, place_px, LANDMARK_BY_NAME[name].color_rgb)


def write_labels(overlay: vtk.vtkRenderer, labels: Sequence[Label], free: Box) -> None:
    """Write labels beside their places, each tied to its place by a line; the first ones get the best room.

    Args:
        overlay: where to write.
        labels: those whose place lies outside ``free`` are left out.
        free: the part of the picture without bars.
    """
    inside = [label for label in labels if _is_inside(label.place_px, free)]
    inner = Box(free.left + 30, free.bottom + 40, free.right - 30, free.top - 30)
    sizes = [text_size_px(label.text, _LABEL) for label in inside]
    for label, box in zip(inside, place_labels([label.place_px for label in inside], sizes, inner), strict=True):
        color = readable_on_black(label.color)
        add_line(overlay, label.place_px, nearest_in_box(label.place_px, box), color)
        add_text(overlay, label.text, box.center, replace(_LABEL, color=color))


def draw_outlines(overlay: vtk.vtkRenderer, outlines: Sequence[Outline]) -> None:
    """Draw the lines of what was measured, dark-edged so that they stand out from bright blood."""
    for outline in outlines:
        add_outline(overlay, outline.points_px, LineStyle(BLACK, _OUTLINE_PX + 2.0, outline.is_closed))
    for outline in outlines:
        add_outline(overlay, outline.points_px, LineStyle(outline.color, _OUTLINE_PX, outline.is_closed))


def _draw_header(overlay: vtk.vtkRenderer, size_px: int, caption: Caption) -> None:
    add_box(overlay, (0, size_px - _HEADER_PX), (size_px, size_px), BLACK)
    add_text(overlay, caption.title, (_MARGIN_PX, size_px - 18), TextStyle(19, bold=True))
    add_text(overlay, caption.source, (_MARGIN_PX, size_px - 41), TextStyle(15, color=GRAY))


def _draw_footer(overlay: vtk.vtkRenderer, size_px: int, caption: Caption) -> None:
    height = _footer_height(caption)
    add_box(overlay, (0, 0), (size_px, height), BLACK)
    lines = [
        *((line, TextStyle(15)) for line in caption.measured),
        *((remark, TextStyle(15, color=AMBER)) for remark in caption.remarks),
        (LEGEND, TextStyle(13, color=GRAY)),
        (NOT_FOR_CLINICAL_USE, TextStyle(15, bold=True)),
    ]
    for index, (line, style) in enumerate(lines):
        add_text(overlay, line, (_MARGIN_PX, height - (index + 0.75) * _FOOTER_LINE_PX), style)


def _footer_height(caption: Caption) -> int:
    return (len(caption.measured) + len(caption.remarks) + 2) * _FOOTER_LINE_PX + 10


def _draw_directions(overlay: vtk.vtkRenderer, free: Box, plane: ViewPlane) -> None:
    middle = free.center
    places = {
        (free.right - 20, middle[1]): plane.right,
        (free.left + 20, middle[1]): -plane.right,
        (middle[0], free.top - 16): plane.up,
        (middle[0], free.bottom + 16): -plane.up,
    }
    for place, direction in places.items():
        add_text(overlay, direction_letters(direction), place, _LETTER)


def _draw_scale_bar(overlay: vtk.vtkRenderer, free: Box, px_per_mm: float) -> None:
    length_mm = 20
    right, bottom = free.right - 24, free.bottom + 16
    left = right - length_mm * px_per_mm
    add_line(overlay, (left, bottom), (right, bottom), WHITE, 3.0)
    for x in (left, right):
        add_line(overlay, (x, bottom - 5), (x, bottom + 5), WHITE, 2.0)
    add_text(overlay, f"{length_mm} mm", ((left + right) / 2, bottom + 17), TextStyle(15, align="center", backing=0.5))


def _is_inside(point: FloatArray, box: Box) -> bool:
    return box.left <= point[0] <= box.right and box.bottom <= point[1] <= box.top
