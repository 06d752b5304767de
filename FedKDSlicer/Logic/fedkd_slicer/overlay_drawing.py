"""Text, lines and boxes drawn over a view, in pixels from its lower left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import vtk

from fedkd_slicer.view_planes import FloatArray

Rgb = tuple[float, float, float]
Place = Sequence[float] | FloatArray

WHITE: Rgb = (1.0, 1.0, 1.0)
BLACK: Rgb = (0.0, 0.0, 0.0)
AMBER: Rgb = (1.0, 0.8, 0.3)
GRAY: Rgb = (0.75, 0.75, 0.75)
_DPI = 72


@dataclass(frozen=True)
class TextStyle:
    """``align`` is 'left', 'center' or 'right' of the given place; ``backing`` is the opacity of a black ground."""

    size_px: int
    color: Rgb = WHITE
    bold: bool = False
    align: str = "left"
    backing: float = 0.0


@dataclass(frozen=True)
class LineStyle:
    """A closed line returns to its first point."""

    color: Rgb
    width_px: float
    is_closed: bool = False


def add_text(renderer: vtk.vtkRenderer, text: str, place_px: Place, style: TextStyle) -> None:
    """Write one line; ``place_px`` is its vertical middle."""
    actor = vtk.vtkTextActor()
    actor.SetInput(text)
    actor.SetTextScaleModeToNone()
    actor.GetTextProperty().ShallowCopy(text_property(style))
    actor.SetDisplayPosition(round(place_px[0]), round(place_px[1]))
    renderer.AddViewProp(actor)


def text_size_px(text: str, style: TextStyle, dpi: int = _DPI) -> tuple[float, float]:
    """Return width and height of a line of text; ``dpi`` is the window's."""
    bounds = [0, 0, 0, 0]
    vtk.vtkTextRenderer.GetInstance().GetBoundingBox(text_property(style), text, bounds, dpi)
    return float(bounds[1] - bounds[0] + 1), float(bounds[3] - bounds[2] + 1)


def text_property(style: TextStyle) -> vtk.vtkTextProperty:
    """Return the style as VTK has it."""
    made = vtk.vtkTextProperty()
    made.SetFontFamilyToArial()
    made.SetFontSize(style.size_px)
    made.SetBold(style.bold)
    made.SetColor(style.color)
    made.SetBackgroundColor(BLACK)
    made.SetBackgroundOpacity(style.backing)
    made.SetJustificationToLeft()
    if style.align == "center":
        made.SetJustificationToCentered()
    elif style.align == "right":
        made.SetJustificationToRight()
    made.SetVerticalJustificationToCentered()
    return made


def add_line(renderer: vtk.vtkRenderer, from_px: Place, to_px: Place, color: Rgb, width_px: float = 1.5) -> None:
    """Draw a straight line."""
    add_outline(renderer, (from_px, to_px), LineStyle(color, width_px))


def add_outline(renderer: vtk.vtkRenderer, points_px: Sequence[Place] | FloatArray, style: LineStyle) -> None:
    """Draw a line through the points."""
    source = vtk.vtkPolyLineSource()
    source.SetNumberOfPoints(len(points_px))
    source.SetClosed(style.is_closed)
    for index, (x, y) in enumerate(points_px):
        source.SetPoint(index, float(x), float(y), 0.0)
    actor = _flat_actor(source, style.color)
    actor.GetProperty().SetLineWidth(style.width_px)
    renderer.AddViewProp(actor)


def add_box(renderer: vtk.vtkRenderer, low_px: Place, high_px: Place, color: Rgb) -> None:
    """Fill an upright rectangle."""
    source = vtk.vtkPlaneSource()
    source.SetOrigin(low_px[0], low_px[1], 0.0)
    source.SetPoint1(high_px[0], low_px[1], 0.0)
    source.SetPoint2(low_px[0], high_px[1], 0.0)
    renderer.AddViewProp(_flat_actor(source, color))


def _flat_actor(source: vtk.vtkPolyDataAlgorithm, color: Rgb) -> vtk.vtkActor2D:
    mapper = vtk.vtkPolyDataMapper2D()
    mapper.SetInputConnection(source.GetOutputPort())
    actor = vtk.vtkActor2D()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(color)
    return actor
