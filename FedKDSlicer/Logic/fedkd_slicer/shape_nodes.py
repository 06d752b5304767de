"""What was measured as markups: annulus plane, contours, lines and centerline, named as a clinician names them."""

from __future__ import annotations

import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from fedkd.measurement.palette import CENTERLINE_RGB, Rgb, shape_color_rgb
from fedkd_slicer.curves import farthest_mm, spaced_evenly
from fedkd_slicer.measured_shapes import ANNULUS, AnnulusPlane, MeasuredShapes, NamedCurve, is_diameter
from fedkd_slicer.view_planes import FloatArray

PLANE_NODE_NAME = "Annulus plane"
CURVE_WITHIN_MM = 0.1
_CONTROL_POINT_COUNTS = (24, 30, 36, 48, 72)
_CONTOUR_WIDTH_MM = 0.5
_LINE_WIDTH_MM = 0.4
_SLICE_REACH_MM = 2.5


def add_shapes(scene: slicer.vtkMRMLScene, shapes: MeasuredShapes) -> tuple[slicer.vtkMRMLMarkupsNode, ...]:
    """Add a node for everything that was measured, locked: it follows from the landmarks and is not edited itself."""
    nodes = [_add_curve(scene, contour, shape_color_rgb(contour.name)) for contour in shapes.contours]
    nodes += [_add_line(scene, line) for line in shapes.lines]
    if shapes.centerline is not None:
        nodes.append(_add_curve(scene, shapes.centerline, CENTERLINE_RGB))
        nodes[-1].GetDisplayNode().SetVisibility(False)  # it would lie before the middle of every view
    if shapes.annulus_plane is not None:
        nodes.append(_add_plane(scene, shapes.annulus_plane))
    return tuple(nodes)


def _add_plane(scene: slicer.vtkMRMLScene, plane: AnnulusPlane) -> slicer.vtkMRMLMarkupsPlaneNode:
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsPlaneNode", PLANE_NODE_NAME)
    node.SetPlaneType(slicer.vtkMRMLMarkupsPlaneNode.PlaneTypePointNormal)
    node.SetSizeMode(slicer.vtkMRMLMarkupsPlaneNode.SizeModeAbsolute)
    node.SetSizeWorld(plane.diameter_mm, plane.diameter_mm)
    node.SetOriginWorld(*plane.center_ras_mm)
    node.SetNormalWorld(*plane.normal)
    display = _show(node, shape_color_rgb(PLANE_NODE_NAME), _LINE_WIDTH_MM)
    display.SetFillOpacity(0.15)
    display.SetOutlineOpacity(0.6)
    display.SetHandlesInteractive(False)
    display.SetVisibility2D(False)  # a square over the very slice in which the annulus is to be seen
    return node


def _add_curve(scene: slicer.vtkMRMLScene, curve: NamedCurve, color: Rgb) -> slicer.vtkMRMLMarkupsCurveNode:
    class_name = "vtkMRMLMarkupsClosedCurveNode" if curve.is_closed else "vtkMRMLMarkupsCurveNode"
    node = scene.AddNewNodeByClass(class_name, curve.name)
    node.SetCurveTypeToCardinalSpline()
    _follow(node, curve)
    _measure_nothing(node)
    _show(node, color, _CONTOUR_WIDTH_MM)
    return node


def _add_line(scene: slicer.vtkMRMLScene, line: NamedCurve) -> slicer.vtkMRMLMarkupsLineNode:
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", line.name)
    _set_control_points(node, line.points_ras_mm)
    display = _show(node, shape_color_rgb(line.name), _LINE_WIDTH_MM)
    if is_diameter(line):
        # Several in one plane: seen edge-on in 3D they would lie on each other.
        _measure_nothing(node)
        _write_at_end(node, line.text)
        display.SetVisibility3D(False)
        display.SetVisibility(line.name.startswith(ANNULUS))
    else:
        # A height in a slice is mostly a dot, and its name would cover the annulus.
        display.SetPropertiesLabelVisibility(True)  # name and length, at the middle
        display.SetOccludedVisibility(True)  # or the root's surface would hide the text
        display.SetVisibility2D(False)
    return node


def _write_at_end(node: slicer.vtkMRMLMarkupsLineNode, text: str) -> None:
    # Diameters cross: in the middle, where Slicer writes the length, one would cover the other.
    node.SetNthControlPointLabel(0, "")
    node.SetNthControlPointLabel(1, text)
    node.GetDisplayNode().SetPointLabelsVisibility(True)


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
