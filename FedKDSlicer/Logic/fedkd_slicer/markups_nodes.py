"""The landmarks as a markups node: seven points, shown so that each can be read and moved."""

from __future__ import annotations

from pathlib import Path

import slicer

from fedkd.anatomy import ACCEPTED_LANDMARK_COLOR_RGB, LANDMARK_BY_NAME, LANDMARK_LIST_COLOR_RGB, LANDMARK_NAMES
from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer.view_planes import FloatArray

LANDMARKS_NODE_NAME = "Landmarks"
_MARKER_DIAMETER_MM = 2.5
_PROJECTION_RGB = (0.45, 0.70, 1.00)  # seen on dark and on bright CT


def add_landmarks(scene: slicer.vtkMRMLScene, landmarks_file: Path) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Load the landmarks; points that were not found stay in the list as undefined, so that no label shifts.

    Raises:
        FedkdError: SCENE_FAILED when Slicer reads other points than the seven, in the order of the anatomy.
    """
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", LANDMARKS_NODE_NAME)
    storage = scene.AddNode(slicer.vtkMRMLMarkupsJsonStorageNode())
    storage.SetFileName(str(landmarks_file))
    node.SetAndObserveStorageNodeID(storage.GetID())
    was_read = bool(storage.ReadData(node))
    labels = tuple(node.GetNthControlPointLabel(index) for index in range(node.GetNumberOfControlPoints()))
    if not was_read or labels != LANDMARK_NAMES:
        raise FedkdError(
            ExitCode.SCENE_FAILED,
            f"Slicer reads the points {', '.join(labels) or 'none'} instead of {', '.join(LANDMARK_NAMES)}.",
            where=landmarks_file,
            what_to_do="Run the prediction of this case again.",
        )
    node.SetLocked(False)
    node.SetFixedNumberOfControlPoints(True)
    node.CreateDefaultDisplayNodes()
    _show_for_review(node.GetDisplayNode())
    return node


def add_editable_landmarks(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Add the seven landmarks, none with a position, to be placed and moved."""
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", LANDMARKS_NODE_NAME)
    make_seven(node)
    node.CreateDefaultDisplayNodes()
    _show_for_review(node.GetDisplayNode())
    node.GetDisplayNode().SetColor(ACCEPTED_LANDMARK_COLOR_RGB)  # of points that are not selected
    return node


def make_seven(node: slicer.vtkMRMLMarkupsFiducialNode) -> None:
    """Make the list the seven landmarks in the order of the anatomy, none with a position, and fix their number."""
    node.SetFixedNumberOfControlPoints(False)
    node.RemoveAllControlPoints()
    for index, name in enumerate(LANDMARK_NAMES):
        node.AddControlPoint(0.0, 0.0, 0.0, name)
        node.UnsetNthControlPointPosition(index)
    node.SetFixedNumberOfControlPoints(True)


def add_single_landmark(
    scene: slicer.vtkMRMLScene, name: str, position_ras_mm: FloatArray
) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Add a node with this one landmark in its own color and without text, for a picture; not saved with scenes."""
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    node.SetSaveWithScene(False)
    node.CreateDefaultDisplayNodes()
    node.AddControlPoint(*map(float, position_ras_mm), name)
    display = node.GetDisplayNode()
    color = LANDMARK_BY_NAME[name].color_rgb
    display.SetColor(color)
    display.SetSelectedColor(color)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetUseGlyphScale(False)
    display.SetGlyphSize(_MARKER_DIAMETER_MM)
    display.SetSliceProjection(True)
    display.SetSliceProjectionOpacity(0.55)
    display.SetOccludedVisibility(True)
    display.SetOccludedOpacity(0.8)
    return node


def _show_for_review(display: slicer.vtkMRMLMarkupsDisplayNode) -> None:
    display.SetColor(LANDMARK_LIST_COLOR_RGB)
    display.SetSelectedColor(LANDMARK_LIST_COLOR_RGB)
    display.SetPointLabelsVisibility(True)
    display.SetPropertiesLabelVisibility(False)
    display.SetTextScale(3.5)
    display.SetGlyphScale(2.0)
    # A point beside the slice is shown faintly instead of vanishing: hinge points are rarely all in one slice.
    # In a color of its own: Slicer would take that of accepted points for all.
    display.SetSliceProjection(True)
    display.SetSliceProjectionUseFiducialColor(False)
    display.SetSliceProjectionColor(_PROJECTION_RGB)
    display.SetSliceProjectionOpacity(0.6)
    display.SetOccludedVisibility(True)
    display.SetOccludedOpacity(0.5)
