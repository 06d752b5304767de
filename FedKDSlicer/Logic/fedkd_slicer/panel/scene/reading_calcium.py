"""An observer's calcification: set up for Slicer's Segment Editor, and saved beside the reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer
from vtk.util.numpy_support import numpy_to_vtk

from fedkd.anatomy import CALCIFICATION, HINGE_POINTS
from fedkd.atomic import write_atomically
from fedkd.case.calcified_box import terminology_entry
from fedkd.case.layout import CALCIFICATION_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import LPS_TO_RAS
from fedkd_slicer.ct_nodes import ijk_to_ras, voxels
from fedkd_slicer.panel.annotate.state import ReadingState
from fedkd_slicer.panel.review.state import NotAllowed
from fedkd_slicer.view_planes import FloatArray, RootFrame, root_frame

EDITOR_MODULE = "SegmentEditor"
_EDITOR_TAG = "SegmentEditor"  # the module's own parameters
REGION_ID = "search_region"
REGION_RADIUS_MM = 30.0
BRIGHTEST_HU = 10000.0
_REGION_COLOR_RGB = (0.35, 0.65, 0.95)
_BLOOD_RADIUS_MM, _BLOOD_ABOVE_MM = 4.0, 25.0


class ReadingCalcium:
    """The segmentation of one reading.

    Args:
        ct: the reading's CT.
        folder: the reading's folder.
    """

    def __init__(self, ct: slicer.vtkMRMLScalarVolumeNode, folder: Path) -> None:
        self._ct = ct
        self._file = folder / CALCIFICATION_FILE
        self.node: slicer.vtkMRMLSegmentationNode | None = None
        self._saved_at = 0

    @property
    def is_changed(self) -> bool:
        """True when something was painted that is not on disk."""
        return self._is_there and self._modified() > self._saved_at

    @property
    def _is_there(self) -> bool:
        return self.node is not None and bool(slicer.mrmlScene.IsNodePresent(self.node))

    def set_up(self, state: ReadingState, lowest_hu: float) -> None:
        """Make the segmentation, or load the one that was saved, and set the Segment Editor to it.

        Only voxels from ``lowest_hu`` on, within a region around the annulus, can be painted.

        Raises:
            NotAllowed: the hinge points, which say where the region lies, are not all placed.
            FedkdError: INPUT_UNREADABLE when the saved one cannot be read.
        """
        frame = _frame(state)
        if frame is None:
            raise NotAllowed("Place RCC, LCC and NCC first: they say where the valve is.")
        if not self._is_there:
            self.node = self._loaded() if self._file.exists() else self._new()
            self._saved_at = self._modified()
        self._mark_region(frame)
        self._set_editor(lowest_hu)

    def save(self) -> None:
        """Write the calcification, without the region.

        Raises:
            NotAllowed: nothing was set up.
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        if not self._is_there or self.node is None:
            raise NotAllowed("Nothing is marked yet. Open the Segment Editor first.")
        alone = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        storage = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
        try:
            alone.SetReferenceImageGeometryParameterFromVolumeNode(self._ct)
            alone.GetSegmentation().CopySegmentFromSegmentation(self.node.GetSegmentation(), CALCIFICATION.segment_id)
            write_atomically(self._file, lambda file: _write(storage, alone, file))
        finally:
            slicer.mrmlScene.RemoveNode(alone)
            slicer.mrmlScene.RemoveNode(storage)
        self._saved_at = self._modified()

    def close(self) -> None:
        """Take the segmentation out of the scene."""
        if self._is_there:
            slicer.mrmlScene.RemoveNode(self.node)
        self.node = None

    def _modified(self) -> int:
        assert self.node is not None
        segment = self.node.GetSegmentation().GetSegment(CALCIFICATION.segment_id)
        image = None if segment is None else segment.GetRepresentation(_labelmap())
        return 0 if image is None else int(image.GetMTime())

    def _new(self) -> slicer.vtkMRMLSegmentationNode:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", CALCIFICATION.name)
        self._prepare(node)
        segment = slicer.vtkSegment()
        segment.SetName(CALCIFICATION.name)
        segment.SetColor(CALCIFICATION.color_rgb)
        segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology_entry(CALCIFICATION))
        segment.AddRepresentation(_labelmap(), slicer.vtkOrientedImageData())
        node.GetSegmentation().AddSegment(segment, CALCIFICATION.segment_id)
        return node

    def _loaded(self) -> slicer.vtkMRMLSegmentationNode:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", CALCIFICATION.name)
        storage = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
        storage.SetFileName(str(self._file))
        was_read = bool(storage.ReadData(node))
        slicer.mrmlScene.RemoveNode(storage)
        if not was_read or node.GetSegmentation().GetSegment(CALCIFICATION.segment_id) is None:
            slicer.mrmlScene.RemoveNode(node)
            raise FedkdError(
                ExitCode.INPUT_UNREADABLE,
                "The calcification that was saved cannot be read.",
                where=self._file,
                what_to_do="Move the file away to mark the calcification anew.",
            )
        self._prepare(node)
        return node

    def _prepare(self, node: slicer.vtkMRMLSegmentationNode) -> None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(self._ct)
        node.CreateDefaultDisplayNodes()

    def _mark_region(self, frame: RootFrame) -> None:
        assert self.node is not None
        segmentation = self.node.GetSegmentation()
        if segmentation.GetSegment(REGION_ID) is not None:
            segmentation.RemoveSegment(REGION_ID)
        segment = slicer.vtkSegment()
        segment.SetName("Search region (not saved)")
        segment.SetColor(_REGION_COLOR_RGB)
        segment.AddRepresentation(_labelmap(), _ball(self._ct, frame.center_ras_mm, REGION_RADIUS_MM))
        segmentation.AddSegment(segment, REGION_ID)
        display = self.node.GetDisplayNode()
        display.SetSegmentOpacity2DFill(REGION_ID, 0.0)
        display.SetSegmentVisibility3D(REGION_ID, False)

    def _set_editor(self, lowest_hu: float) -> None:
        assert self.node is not None
        editor = _editor_parameters()
        editor.SetAndObserveSegmentationNode(self.node)
        editor.SetAndObserveSourceVolumeNode(self._ct)
        editor.SetSelectedSegmentID(CALCIFICATION.segment_id)
        editor.SetOverwriteMode(editor.OverwriteNone)
        editor.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
        editor.SetMaskSegmentID(REGION_ID)
        editor.SetSourceVolumeIntensityMaskRange(lowest_hu, BRIGHTEST_HU)
        editor.SourceVolumeIntensityMaskOn()
        editor.SetActiveEffectName("Paint")


def blood_hu(ct: slicer.vtkMRMLScalarVolumeNode, state: ReadingState) -> float | None:
    """Return the median brightness of a ball of blood in the ascending aorta; None without the three hinge points."""
    frame = _frame(state)
    if frame is None:
        return None
    inside, low = _inside_ball(ct, frame.center_ras_mm + _BLOOD_ABOVE_MM * frame.axis, _BLOOD_RADIUS_MM)
    k, j, i = np.nonzero(inside)
    return None if len(k) == 0 else float(np.median(voxels(ct)[k + low[2], j + low[1], i + low[0]]))


def _frame(state: ReadingState) -> RootFrame | None:
    positions = state.positions_lps_mm
    return root_frame({name: np.array(positions[name]) * LPS_TO_RAS for name in HINGE_POINTS if name in positions})


def _inside_ball(
    ct: slicer.vtkMRMLScalarVolumeNode, center_ras_mm: FloatArray, radius_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which voxels of a box lie in a ball, axes ``kji``, and the box's first index (i, j, k)."""
    matrix = ijk_to_ras(ct)
    center = np.linalg.inv(matrix) @ [*center_ras_mm, 1.0]
    # Half the size of the box that holds a ball of any orientation.
    half = radius_mm * np.linalg.norm(np.linalg.inv(matrix[:3, :3]), axis=1)
    last = np.array(ct.GetImageData().GetDimensions()) - 1
    low = np.clip(np.floor(center[:3] - half), 0, last).astype(int)
    high = np.clip(np.ceil(center[:3] + half), 0, last).astype(int)
    k, j, i = np.meshgrid(*(np.arange(low[axis], high[axis] + 1) for axis in (2, 1, 0)), indexing="ij")
    offsets = (np.stack([i, j, k], axis=-1) - center[:3]) @ matrix[:3, :3].T
    return np.linalg.norm(offsets, axis=-1) <= radius_mm, low


def _ball(
    ct: slicer.vtkMRMLScalarVolumeNode, center_ras_mm: FloatArray, radius_mm: float
) -> slicer.vtkOrientedImageData:
    inside, low = _inside_ball(ct, center_ras_mm, radius_mm)
    image = slicer.vtkOrientedImageData()
    sizes = inside.shape[::-1]
    image.SetExtent([int(edge) for first, size in zip(low, sizes, strict=True) for edge in (first, first + size - 1)])
    image.GetPointData().SetScalars(numpy_to_vtk(inside.astype(np.uint8).ravel(), deep=True))
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(ijk_to_ras(ct)))
    return image


def _editor_parameters() -> slicer.vtkMRMLSegmentEditorNode:
    """Return the node that the Segment Editor module takes its parameters from; it makes one like this itself."""
    node = slicer.mrmlScene.GetSingletonNode(_EDITOR_TAG, "vtkMRMLSegmentEditorNode")
    if node is None:
        node = slicer.vtkMRMLSegmentEditorNode()
        node.SetSingletonTag(_EDITOR_TAG)
        node = slicer.mrmlScene.AddNode(node)
    return node


def _write(storage: slicer.vtkMRMLSegmentationStorageNode, node: slicer.vtkMRMLSegmentationNode, file: Path) -> None:
    storage.SetFileName(str(file))
    if not storage.WriteData(node) or not file.exists():
        raise OSError(f"Slicer could not write {file.name}")


def _labelmap() -> str:
    return str(slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName())
