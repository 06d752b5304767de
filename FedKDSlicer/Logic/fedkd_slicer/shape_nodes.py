"""What was measured as markups: annulus plane, contours, lines and centerline, named as a clinician names them."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from fedkd.measurement.palette import CENTERLINE_RGB, Rgb, shape_color_rgb
from fedkd_slicer.curves import farthest_mm, spaced_evenly
from fedkd_slicer.measured_shapes import ANNULUS, AnnulusPlane, MeasuredShapes, NamedCurve, is_diameter
from fedkd_slicer.view_planes import FloatArray

PLANE_NODE_NAME = "Annulus plane"
_PLANE, _LINE = "vtkMRMLMarkupsPlaneNode", "vtkMRMLMarkupsLineNode"
_CLOSED, _OPEN = "vtkMRMLMarkupsClosedCurveNode", "vtkMRMLMarkupsCurveNode"
_Key = tuple[str, str, int]  # class, name, and which of that name
CURVE_WITHIN_MM = 0.1
_CONTROL_POINT_COUNTS = (24, 30, 36, 48, 72)
_CONTOUR_WIDTH_MM = 0.5
_LINE_WIDTH_MM = 0.4
_SLICE_REACH_MM = 2.5
_ONE_DECIMAL = "%.1f %s"  # as in the table of measurements


class ShapeNodes:
    """A node for everything that was measured, locked: it follows from the landmarks and is not edited itself.

    Args:
        scene: gets the nodes.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._nodes: dict[_Key, slicer.vtkMRMLMarkupsNode] = {}
        self._shown: dict[_Key, AnnulusPlane | NamedCurve] = {}

    @property
    def nodes(self) -> tuple[slicer.vtkMRMLMarkupsNode, ...]:
        """All that are in the scene."""
        return tuple(node for node in self._nodes.values() if node.GetScene() is not None)

    @property
    def lines(self) -> tuple[tuple[slicer.vtkMRMLMarkupsLineNode, NamedCurve], ...]:
        """The lines that are in the scene, each with what it shows."""
        shown = ((self._nodes[key], shape) for key, shape in self._shown.items() if key[0] == _LINE)
        return tuple(
            (node, shape) for node, shape in shown if isinstance(shape, NamedCurve) and node.GetScene() is not None
        )

    def show(self, shapes: MeasuredShapes) -> tuple[slicer.vtkMRMLMarkupsNode, ...]:
        """Show these shapes, in the nodes that are there where there are any; return the nodes that are new.

        A node of what is no longer measured is empty until it is. One that was deleted from the scene stays deleted.
        """
        new = []
        wanted = _by_key(shapes)
        for key, shape in wanted.items():
            if key not in self._nodes:
                self._nodes[key] = _new_node(self._scene, shape)
                new.append(self._nodes[key])
            # Most of a drag leaves most shapes as they are, and a curve takes milliseconds.
            if self._nodes[key].GetScene() is not None and not _is_same(self._shown.get(key), shape):
                _put(self._nodes[key], shape)
        for key in self._shown.keys() - wanted.keys():
            self._nodes[key].SetFixedNumberOfControlPoints(False)
            self._nodes[key].RemoveAllControlPoints()
        self._shown = wanted
        return tuple(new)


def add_shapes(scene: slicer.vtkMRMLScene, shapes: MeasuredShapes) -> tuple[slicer.vtkMRMLMarkupsNode, ...]:
    """Add a node for everything that was measured, see `ShapeNodes`."""
    return ShapeNodes(scene).show(shapes)


def _by_key(shapes: MeasuredShapes) -> dict[_Key, AnnulusPlane | NamedCurve]:
    drawn: list[AnnulusPlane | NamedCurve] = [*shapes.contours, *shapes.lines]
    drawn += [shape for shape in (shapes.centerline, shapes.annulus_plane) if shape is not None]
    found: dict[_Key, AnnulusPlane | NamedCurve] = {}
    for shape in drawn:
        kind, name = (_PLANE, PLANE_NODE_NAME) if isinstance(shape, AnnulusPlane) else (_class_of(shape), shape.name)
        number = sum(key[:2] == (kind, name) for key in found)
        found[kind, name, number] = shape
    return found


def _is_same(some: AnnulusPlane | NamedCurve | None, other: AnnulusPlane | NamedCurve) -> bool:
    if isinstance(some, NamedCurve) and isinstance(other, NamedCurve):
        return some.text == other.text and np.array_equal(some.points_ras_mm, other.points_ras_mm)
    if isinstance(some, AnnulusPlane) and isinstance(other, AnnulusPlane):
        numbers = ((one.diameter_mm, *one.center_ras_mm, *one.normal) for one in (some, other))
        return next(numbers) == next(numbers)
    return False


def _class_of(curve: NamedCurve) -> str:
    if curve.is_closed:
        return _CLOSED
    return _LINE if len(curve.points_ras_mm) == 2 and curve.text else _OPEN


def _new_node(scene: slicer.vtkMRMLScene, shape: AnnulusPlane | NamedCurve) -> slicer.vtkMRMLMarkupsNode:
    if isinstance(shape, AnnulusPlane):
        return _new_plane(scene)
    return _new_line(scene, shape) if _class_of(shape) == _LINE else _new_curve(scene, shape)


def _put(node: slicer.vtkMRMLMarkupsNode, shape: AnnulusPlane | NamedCurve) -> None:
    if isinstance(shape, AnnulusPlane):
        node.SetSizeWorld(shape.diameter_mm, shape.diameter_mm)
        node.SetOriginWorld(*shape.center_ras_mm)
        node.SetNormalWorld(*shape.normal)
    elif _class_of(shape) == _LINE:
        _set_control_points(node, shape.points_ras_mm)
        if is_diameter(shape):
            _write_at_end(node, shape.text)
    else:
        _follow(node, shape)


def _new_plane(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLMarkupsPlaneNode:
    node = scene.AddNewNodeByClass(_PLANE, PLANE_NODE_NAME)
    node.SetPlaneType(slicer.vtkMRMLMarkupsPlaneNode.PlaneTypePointNormal)
    node.SetSizeMode(slicer.vtkMRMLMarkupsPlaneNode.SizeModeAbsolute)
    display = _show(node, shape_color_rgb(PLANE_NODE_NAME), _LINE_WIDTH_MM)
    display.SetFillOpacity(0.15)
    display.SetOutlineOpacity(0.6)
    display.SetHandlesInteractive(False)
    display.SetVisibility2D(False)  # a square over the very slice in which the annulus is to be seen
    return node


def _new_curve(scene: slicer.vtkMRMLScene, curve: NamedCurve) -> slicer.vtkMRMLMarkupsCurveNode:
    node = scene.AddNewNodeByClass(_class_of(curve), curve.name)
    node.SetCurveTypeToCardinalSpline()
    _measure_nothing(node)
    display = _show(node, shape_color_rgb(curve.name) if curve.is_closed else CENTERLINE_RGB, _CONTOUR_WIDTH_MM)
    display.SetVisibility(curve.is_closed)  # the centerline would lie before the middle of every view
    return node


def _new_line(scene: slicer.vtkMRMLScene, line: NamedCurve) -> slicer.vtkMRMLMarkupsLineNode:
    node = scene.AddNewNodeByClass(_LINE, line.name)
    display = _show(node, shape_color_rgb(line.name), _LINE_WIDTH_MM)
    if is_diameter(line):
        # Several in one plane: seen edge-on in 3D they would lie on each other.
        _measure_nothing(node)
        display.SetPointLabelsVisibility(True)
        display.SetVisibility3D(False)
        display.SetVisibility(line.name.startswith(ANNULUS))
    else:
        # A height in a slice is mostly a dot, and its name would cover the annulus.
        node.GetMeasurement("length").SetPrintFormat(_ONE_DECIMAL)
        display.SetPropertiesLabelVisibility(True)  # name and length, at the middle
        display.SetOccludedVisibility(True)  # or the root's surface would hide the text
        display.SetVisibility2D(False)
    return node


def _write_at_end(node: slicer.vtkMRMLMarkupsLineNode, text: str) -> None:
    # Diameters cross: in the middle, where Slicer writes the length, one would cover the other.
    node.SetNthControlPointLabel(0, "")
    node.SetNthControlPointLabel(1, text)


def _follow(node: slicer.vtkMRMLMarkupsCurveNode, curve: NamedCurve) -> None:
    """Give the node the fewest control points with which Slicer's curve stays with the measured one."""
    for count in _CONTROL_POINT_COUNTS:
        if count >= len(curve.points_ras_mm):
            break
        _set_control_points(node, spaced_evenly(curve, count))
        drawn = vtk_to_numpy(node.GetCurvePointsWorld().GetData())
        if farthest_mm(curve.points_ras_mm, drawn) <= CURVE_WITHIN_MM:
            return
    _set_control_points(node, curve.points_ras_mm)


def _set_control_points(node: slicer.vtkMRMLMarkupsNode, points_ras_mm: FloatArray) -> None:
    points = vtk.vtkPoints()
    points.SetData(numpy_to_vtk(points_ras_mm, deep=True))
    node.SetFixedNumberOfControlPoints(False)
    node.SetControlPointPositionsWorld(points)
    node.SetFixedNumberOfControlPoints(True)


def _measure_nothing(node: slicer.vtkMRMLMarkupsNode) -> None:
    # Slicer's own length and area of what is drawn would stand beside the measured ones and differ a little.
    for index in range(node.GetNumberOfMeasurements()):
        node.GetNthMeasurement(index).SetEnabled(False)


def _show(node: slicer.vtkMRMLMarkupsNode, color: Rgb, width_mm: float) -> slicer.vtkMRMLMarkupsDisplayNode:
    node.SetLocked(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(color)
    display.SetSelectedColor(color)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetTextScale(2.5)
    display.SetGlyphScale(0.5)
    display.SetCurveLineSizeMode(slicer.vtkMRMLMarkupsDisplayNode.UseLineDiameter)
    display.SetLineDiameter(width_mm)
    # Shown in full in its own slice, as a mark where it crosses another; further off Slicer would change its color.
    display.SetLineColorFadingStart(_SLICE_REACH_MM)
    display.SetLineColorFadingEnd(1.05 * _SLICE_REACH_MM)
    return display
