"""The calcification as a segmentation node: coded, colored, tied to the CT's grid."""

from __future__ import annotations

from pathlib import Path

import slicer

from fedkd.anatomy import CALCIFICATION
from fedkd.case.segmentation_file import terminology_entry
from fedkd.errors import ExitCode, FedkdError

CALCIFICATION_NODE_NAME = "Calcification"


def add_calcification(
    scene: slicer.vtkMRMLScene, calcification_file: Path, ct: slicer.vtkMRMLScalarVolumeNode
) -> slicer.vtkMRMLSegmentationNode:
    """Load the calcification; an empty segment is kept, so that a reader can paint what is missing.

    Raises:
        FedkdError: SCENE_FAILED when Slicer finds no segment in the file.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", CALCIFICATION_NODE_NAME)
    storage = scene.AddNode(slicer.vtkMRMLSegmentationStorageNode())
    storage.SetFileName(str(calcification_file))
    node.SetAndObserveStorageNodeID(storage.GetID())
    if not storage.ReadData(node) or node.GetSegmentation().GetNumberOfSegments() == 0:
        raise FedkdError(
            ExitCode.SCENE_FAILED,
            "Slicer finds no segment in the calcification.",
            where=calcification_file,
            what_to_do="Run the prediction of this case again.",
        )
    node.SetReferenceImageGeometryParameterFromVolumeNode(ct)
    node.CreateDefaultDisplayNodes()
    _style_segment(node)
    node.CreateClosedSurfaceRepresentation()  # what 3D views show; Slicer makes it again when it opens the file
    return node


def _style_segment(node: slicer.vtkMRMLSegmentationNode) -> None:
    segment_id = node.GetSegmentation().GetNthSegmentID(0)
    segment = node.GetSegmentation().GetSegment(segment_id)
    segment.SetName(CALCIFICATION.name)
    segment.SetColor(CALCIFICATION.color_rgb)
    segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology_entry(CALCIFICATION))
    display = node.GetDisplayNode()
    display.SetSegmentOpacity2DFill(segment_id, 0.35)
    display.SetSegmentOpacity2DOutline(segment_id, 1.0)
    display.SetVisibility3D(True)


def has_voxels(node: slicer.vtkMRMLSegmentationNode) -> bool:
    """True when anything at all is marked."""
    image = slicer.vtkOrientedImageData()
    segment_id = node.GetSegmentation().GetNthSegmentID(0)
    node.GetBinaryLabelmapRepresentation(segment_id, image)
    return not image.IsEmpty() and image.GetScalarRange()[1] > 0
