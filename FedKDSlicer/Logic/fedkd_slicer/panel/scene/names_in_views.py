"""Names beside points and lines in the slice and 3D views, so that none covers another or a point.

Slicer writes each name at its point, one over the other where points are near. These stand in for Slicer's while a case
is shown. In a scene that is saved meanwhile Slicer's are off; they are on again once it is opened beside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.util import VTKObservationMixin

from fedkd.anatomy import LANDMARK_BY_NAME
from fedkd.measurement.palette import Rgb, shape_color_rgb
from fedkd_slicer.measured_shapes import ANNULUS, NamedCurve, is_diameter
from fedkd_slicer.panel.scene.drawn_names import DrawnNames, PlacedName
from fedkd_slicer.panel.scene.slice_views import SLICE_VIEWS
from fedkd_slicer.panel.scene.slicers_names import hide_slicers_names, show_slicers_names
from fedkd_slicer.view_planes import FloatArray

_Markups = slicer.vtkMRMLMarkupsNode
_SEEN = (_Markups.PositionDefined,)  # one that hangs on the mouse has no place yet
_IN_SLICE_MM = 2.5
_BESIDE_SLICE_OPACITY = 0.8


@dataclass(frozen=True)
class Name:
    """What is written where (RAS mm), and in which views. ``reaches_far``: also beside a slice that it is not in."""

    text: str
    position_ras_mm: FloatArray
    color: Rgb
    in_slices: bool = True
    in_three_d: bool = True
    reaches_far: bool = True


class NamesInViews(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Draws names in the Red, Green and Yellow slice view and the first 3D view, whenever these are drawn.

    Args:
        names: returns what is to be written now.
    """

    def __init__(self, names: Callable[[], Iterable[Name]]) -> None:
        super().__init__()
        self._names = names
        self._drawn: list[DrawnNames] = []
        self._instead_of: list[slicer.vtkMRMLMarkupsDisplayNode] = []

    def open(self) -> None:
        """Write from now on."""
        self.close()
        manager = slicer.app.layoutManager()
        for name in SLICE_VIEWS:
            widget = manager.sliceWidget(name)
            if widget is not None:
                self._draw_in(widget.sliceView(), _SliceEye(widget.mrmlSliceNode()))
        if manager.threeDViewCount:
            self._draw_in(manager.threeDWidget(0).threeDView(), _ThreeDEye())

    def instead_of(self, nodes: Iterable[slicer.vtkMRMLMarkupsNode]) -> None:
        """Hide the names that Slicer writes at these."""
        for node in nodes:
            hide_slicers_names(node.GetDisplayNode())
            self._instead_of.append(node.GetDisplayNode())

    def close(self) -> None:
        """Take all names away; Slicer's are there again."""
        self.removeObservers()
        for drawn in self._drawn:
            drawn.remove()
        self._drawn = []
        for display in self._instead_of:
            show_slicers_names(display)
        self._instead_of = []

    def _draw_in(self, view: slicer.qMRMLSliceView | slicer.qMRMLThreeDView, eye: _Eye) -> None:
        renderer = view.renderWindow().GetRenderers().GetFirstRenderer()
        drawn = DrawnNames(renderer)
        self._drawn.append(drawn)

        def draw(*_event: object) -> None:
            drawn.show(eye.seen(self._names(), renderer))

        self.addObserver(renderer, vtk.vtkCommand.StartEvent, draw)


def landmark_names(node: slicer.vtkMRMLMarkupsFiducialNode | None) -> Iterator[Name]:
    """Return the names of the points that can be seen, in the landmarks' colors."""
    display = None if node is None else node.GetDisplayNode()
    if node is None or display is None or not display.GetVisibility():
        return
    for index in range(node.GetNumberOfControlPoints()):
        label = node.GetNthControlPointLabel(index)
        is_seen = node.GetNthControlPointPositionStatus(index) in _SEEN and node.GetNthControlPointVisibility(index)
        if is_seen and label in LANDMARK_BY_NAME:
            position = np.array(node.GetNthControlPointPositionWorld(index))
            yield Name(label, position, LANDMARK_BY_NAME[label].color_rgb)


def line_names(lines: Iterable[tuple[slicer.vtkMRMLMarkupsLineNode, NamedCurve]]) -> Iterator[Name]:
    """Return what is to be written beside measured lines: diameters in their slice, heights and the septum in 3D."""
    for node, line in lines:
        if not node.GetDisplayVisibility():
            continue
        color = shape_color_rgb(line.name)
        if not is_diameter(line):
            middle = line.points_ras_mm.mean(axis=0)
            yield Name(f"{line.name} {line.text}", middle, color, in_slices=False)
        elif line.name.startswith(ANNULUS):
            yield Name(line.text, line.points_ras_mm[1], color, in_three_d=False, reaches_far=False)


class _Eye:
    """Where a view shows what."""

    def seen(self, names: Iterable[Name], renderer: vtk.vtkRenderer) -> Iterator[PlacedName]:
        """Return the names of one view, with their places in it."""
        raise NotImplementedError


class _SliceEye(_Eye):
    def __init__(self, node: slicer.vtkMRMLSliceNode) -> None:
        self._node = node

    def seen(self, names: Iterable[Name], renderer: vtk.vtkRenderer) -> Iterator[PlacedName]:
        to_xy = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self._node.GetXYToRAS(), to_xy)
        to_slice = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self._node.GetSliceToRAS(), to_slice)
        for name in names:
            if not name.in_slices:
                continue
            at = (*name.position_ras_mm, 1.0)
            is_in_slice = abs(to_slice.MultiplyPoint(at)[2]) <= _IN_SLICE_MM
            if is_in_slice or name.reaches_far:
                place = np.array(to_xy.MultiplyPoint(at)[:2])
                yield PlacedName(name.text, place, name.color, 1.0 if is_in_slice else _BESIDE_SLICE_OPACITY)


class _ThreeDEye(_Eye):
    def seen(self, names: Iterable[Name], renderer: vtk.vtkRenderer) -> Iterator[PlacedName]:
        for name in names:
            if name.in_three_d:
                renderer.SetWorldPoint(*name.position_ras_mm, 1.0)
                renderer.WorldToDisplay()
                yield PlacedName(name.text, np.array(renderer.GetDisplayPoint()[:2]), name.color)
