"""The calcification as a segmentation node: coded, colored, tied to the CT's grid."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
import slicer
from vtk.util.numpy_support import numpy_to_vtk

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS, SegmentStyle
from fedkd.case.calcified_box import CalcifiedBox, terminology_entry
from fedkd.geometry import LPS_TO_RAS, Grid

CALCIFICATION_NODE_NAME = "Calcification"


def add_calcification(
    scene: slicer.vtkMRMLScene, marked: CalcifiedBox, ct: slicer.vtkMRMLScalarVolumeNode
) -> slicer.vtkMRMLSegmentationNode:
    """Add the calcification, with a segment for each part of the root where they are told apart.

    An empty segment is kept, so that a reader can paint what is missing.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", CALCIFICATION_NODE_NAME)
    node.SetReferenceImageGeometryParameterFromVolumeNode(ct)
    node.CreateDefaultDisplayNodes()
    show_calcification(node, marked)
    node.AddDefaultStorageNode()
    # A label map as large as a CT from neck to groin would cost more memory than the CT.
    # Cropped to nothing it could not be read again.
    node.GetStorageNode().SetCropToMinimumExtent(has_voxels(node))
    node.GetDisplayNode().SetVisibility3D(True)
    return node


def show_calcification(node: slicer.vtkMRMLSegmentationNode, marked: CalcifiedBox) -> None:
    """Replace what the node shows; a segment that the reader has hidden stays hidden."""
    segmentation, display = node.GetSegmentation(), node.GetDisplayNode()
    hidden = {name for name in segmentation.GetSegmentIDs() if not display.GetSegmentVisibility(name)}
    segmentation.RemoveAllSegments()
    for style in _add_segments(segmentation, marked):
        display.SetSegmentOpacity2DFill(style.segment_id, 0.35)
        display.SetSegmentOpacity2DOutline(style.segment_id, 1.0)
        display.SetSegmentVisibility(style.segment_id, style.segment_id not in hidden)
    # What 3D views show; Slicer makes it again when it opens the file. Of nothing VTK makes none, with an error.
    if has_voxels(node):
        node.CreateClosedSurfaceRepresentation()


def has_voxels(node: slicer.vtkMRMLSegmentationNode) -> bool:
    """True when anything at all is marked."""
    return any(_is_marked(node, segment_id) for segment_id in node.GetSegmentation().GetSegmentIDs())


def _is_marked(node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> bool:
    image = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment_id, image)
    return not image.IsEmpty() and image.GetScalarRange()[1] > 0


def _add_segments(segmentation: slicer.vtkSegmentation, marked: CalcifiedBox) -> tuple[SegmentStyle, ...]:
    styles = tuple(CALCIFIED_PARTS.values()) if marked.by_part else (CALCIFICATION,)
    # All segments share one image, as in the file: Slicer then saves it as one, too.
    image = _oriented_image(marked)
    for label, style in enumerate(styles, start=1):
        segmentation.AddSegment(_segment(image, label, style), style.segment_id)
    return styles


def _segment(image: slicer.vtkOrientedImageData, label: int, style: SegmentStyle) -> slicer.vtkSegment:
    segment = slicer.vtkSegment()
    segment.SetName(style.name)
    segment.SetColor(style.color_rgb)
    segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology_entry(style))
    segment.SetLabelValue(label)
    name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    segment.AddRepresentation(name, image)
    return segment


def _oriented_image(marked: CalcifiedBox) -> slicer.vtkOrientedImageData:
    """Return the marked part of the label map, numbered and placed as in the whole."""
    grid = Grid.of(marked.image)
    first = marked.first_index_xyz
    image = slicer.vtkOrientedImageData()
    ends = zip(first, grid.size_xyz, strict=True)
    image.SetExtent([edge for low, size in ends for edge in (low, low + size - 1)])
    image.GetPointData().SetScalars(numpy_to_vtk(sitk.GetArrayViewFromImage(marked.image).ravel(), deep=True))
    index_to_ras = np.eye(4)
    index_to_ras[:3, :3] = LPS_TO_RAS[:, None] * grid.index_to_lps_matrix
    index_to_ras[:3, 3] = LPS_TO_RAS * grid.index_to_lps(-np.array(first))
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(index_to_ras))
    return image
