"""The calcification as a segmentation node: coded, colored, tied to the CT's grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import slicer
from vtk.util.numpy_support import numpy_to_vtk

from fedkd.anatomy import CALCIFICATION
from fedkd.case.segmentation_file import read_label_map, terminology_entry
from fedkd.geometry import LPS_TO_RAS, Grid

CALCIFICATION_NODE_NAME = "Calcification"


def add_calcification(
    scene: slicer.vtkMRMLScene, calcification_file: Path, ct: slicer.vtkMRMLScalarVolumeNode
) -> slicer.vtkMRMLSegmentationNode:
    """Add the calcification; an empty segment is kept, so that a reader can paint what is missing.

    Raises:
        FedkdError: INPUT_UNREADABLE or NOT_A_VOLUME when the file is no label map.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", CALCIFICATION_NODE_NAME)
    node.GetSegmentation().AddSegment(_segment(read_label_map(calcification_file)), CALCIFICATION.segment_id)
    node.SetReferenceImageGeometryParameterFromVolumeNode(ct)
    node.AddDefaultStorageNode()
    # A label map as large as a CT from neck to groin would cost more memory than the CT.
    # Cropped to nothing it could not be read again.
    node.GetStorageNode().SetCropToMinimumExtent(has_voxels(node))
    node.CreateDefaultDisplayNodes()
    node.CreateClosedSurfaceRepresentation()  # what 3D views show; Slicer makes it again when it opens the file
    display = node.GetDisplayNode()
    display.SetSegmentOpacity2DFill(CALCIFICATION.segment_id, 0.35)
    display.SetSegmentOpacity2DOutline(CALCIFICATION.segment_id, 1.0)
    display.SetVisibility3D(True)
    return node


def has_voxels(node: slicer.vtkMRMLSegmentationNode) -> bool:
    """True when anything at all is marked."""
    image = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(CALCIFICATION.segment_id, image)
    return not image.IsEmpty() and image.GetScalarRange()[1] > 0


def _segment(label_map: sitk.Image) -> slicer.vtkSegment:
    segment = slicer.vtkSegment()
    segment.SetName(CALCIFICATION.name)
    segment.SetColor(CALCIFICATION.color_rgb)
    segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology_entry(CALCIFICATION))
    name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    segment.AddRepresentation(name, _oriented_image(label_map))
    return segment


def _oriented_image(label_map: sitk.Image) -> slicer.vtkOrientedImageData:
    """Return the marked part of the label map, numbered and placed as in the whole."""
    voxels_kji = sitk.GetArrayViewFromImage(label_map)
    low, high = _marked_box(voxels_kji)
    part_kji = np.ascontiguousarray(voxels_kji[low[0] : high[0], low[1] : high[1], low[2] : high[2]] != 0)
    image = slicer.vtkOrientedImageData()
    image.SetExtent([int(edge) for axis in (2, 1, 0) for edge in (low[axis], high[axis] - 1)])
    image.GetPointData().SetScalars(numpy_to_vtk(part_kji.astype(np.uint8).ravel(), deep=True))
    grid = Grid.of(label_map)
    index_to_ras = np.eye(4)
    index_to_ras[:3, :3] = LPS_TO_RAS[:, None] * grid.index_to_lps_matrix
    index_to_ras[:3, 3] = LPS_TO_RAS * grid.origin_lps_mm
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(index_to_ras))
    return image


def _marked_box(voxels_kji: npt.NDArray[np.uint8]) -> tuple[list[int], list[int]]:
    """Return first and one-past-last index along k, j, i; the first voxel when nothing is marked."""
    low, high = [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        marked = np.flatnonzero(voxels_kji.any(axis=others))
        low.append(int(marked[0]) if len(marked) else 0)
        high.append(int(marked[-1]) + 1 if len(marked) else 1)
    return low, high
