"""Names written into one view, each tied to its place by a line; none covers another as long as there is room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import vtk

from fedkd_slicer.label_layout import Box, place_labels
from fedkd_slicer.label_style import label_style, nearest_in_box, readable_on_black
from fedkd_slicer.overlay_drawing import Rgb, text_property, text_size_px
from fedkd_slicer.view_planes import FloatArray

_STYLE = label_style(12)
_MARGIN_PX = 4.0
_LINE_PX = 1.5


@dataclass(frozen=True)
class PlacedName:
    """What is written, and the place in the view, shape (2,) in pixels from its lower left, that it belongs to."""

    text: str
    place_px: FloatArray
    color: Rgb
    opacity: float = 1.0


class DrawnNames:
    """The names in one view.

    Args:
        renderer: draws them, over everything else.
    """

    def __init__(self, renderer: vtk.vtkRenderer) -> None:
        self._renderer = renderer
        self._tags: list[_Tag] = []

    def show(self, names: Iterable[PlacedName]) -> None:
        """Write these, and no others; those whose place is not in the view are left out."""
        width, height = self._renderer.GetSize()
        frame = Box(_MARGIN_PX, _MARGIN_PX, width - _MARGIN_PX, height - _MARGIN_PX)
        shown = [name for name in names if _is_inside(name.place_px, frame)]
        dpi = self._renderer.GetRenderWindow().GetDPI()
        boxes = place_labels([name.place_px for name in shown], [_size_px(name.text, dpi) for name in shown], frame)
        while len(self._tags) < len(shown):
            self._tags.append(_Tag(self._renderer))
        for tag, name, box in zip(self._tags, shown, boxes, strict=False):
            tag.show(name, box)
        for tag in self._tags[len(shown) :]:
            tag.hide()

    def remove(self) -> None:
        """Take them out of the view."""
        for tag in self._tags:
            tag.remove()
        self._tags = []


class _Tag:
    """One name with its line, made once and moved afterwards."""

    def __init__(self, renderer: vtk.vtkRenderer) -> None:
        self._renderer = renderer
        self._line = vtk.vtkLineSource()
        mapper = vtk.vtkPolyDataMapper2D()
        mapper.SetInputConnection(self._line.GetOutputPort())
        self._line_actor = vtk.vtkActor2D()
        self._line_actor.SetMapper(mapper)
        self._line_actor.GetProperty().SetLineWidth(_LINE_PX)
        self._text = vtk.vtkTextActor()
        self._text.SetTextScaleModeToNone()
        for actor in self._actors:
            actor.SetPickable(False)
            renderer.AddViewProp(actor)

    @property
    def _actors(self) -> tuple[vtk.vtkActor2D, vtk.vtkActor2D]:
        return self._line_actor, self._text

    def show(self, name: PlacedName, box: Box) -> None:
        color = readable_on_black(name.color)
        end = nearest_in_box(name.place_px, box)
        self._line.SetPoint1(*name.place_px, 0.0)
        self._line.SetPoint2(*end, 0.0)
        self._line_actor.GetProperty().SetColor(color)
        self._line_actor.GetProperty().SetOpacity(name.opacity)
        self._text.SetInput(name.text)
        self._text.GetTextProperty().ShallowCopy(_text_property(color, name.opacity))
        self._text.SetDisplayPosition(*(round(part) for part in box.center))
        for actor in self._actors:
            actor.SetVisibility(True)

    def hide(self) -> None:
        for actor in self._actors:
            actor.SetVisibility(False)

    def remove(self) -> None:
        for actor in self._actors:
            self._renderer.RemoveViewProp(actor)


@lru_cache(maxsize=64)
def _text_property(color: Rgb, opacity: float) -> vtk.vtkTextProperty:
    made = text_property(replace(_STYLE, color=color))
    made.SetOpacity(opacity)
    return made


@lru_cache(maxsize=512)
def _size_px(text: str, dpi: int) -> tuple[float, float]:
    return text_size_px(text, _STYLE, dpi)


def _is_inside(place_px: FloatArray, frame: Box) -> bool:
    return bool(frame.left <= place_px[0] <= frame.right and frame.bottom <= place_px[1] <= frame.top)
