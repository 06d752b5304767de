"""The nodes that show what a case's results are: made once, then brought up to date in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import slicer

from fedkd.case.calcified_box import CalcifiedBox, read_box_file
from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.wording import shown_unit
from fedkd_slicer.about_text import ABOUT_NODE_NAME, About
from fedkd_slicer.measured_shapes import NamedCurve
from fedkd_slicer.measurement_table import add_measurement_table, fill_measurement_table
from fedkd_slicer.node_marks import MEASUREMENTS_FOLDER_NAME, file_nodes, mark_origin
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import MeasuredLine, OpenedCase, PlacedLandmark
from fedkd_slicer.panel.review.state import Landmark, ReviewState
from fedkd_slicer.panel.scene.removal import remove_node
from fedkd_slicer.panel.scene.told_shapes import shapes_in_ras
from fedkd_slicer.root_surface import add_root_surface
from fedkd_slicer.segmentation_nodes import add_calcification, show_calcification
from fedkd_slicer.shape_nodes import ShapeNodes
from fedkd_slicer.table_rows import TableRow
from fedkd_slicer.view_planes import root_frame

_BEING_MEASURED = "Being measured"


class ResultNodes:
    """What was found and measured, in a folder of the Subject Hierarchy beside the CT.

    Args:
        scene: gets the nodes.
        case: as it was opened.
        volume: its CT.
        landmarks: the list of its points, already in the scene.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        case: OpenedCase,
        volume: slicer.vtkMRMLScalarVolumeNode,
        landmarks: slicer.vtkMRMLMarkupsFiducialNode,
    ) -> None:
        self._scene, self._case, self._volume = scene, case, volume
        self.landmarks = landmarks
        self._hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        self._folder, self._subfolder = self._new_folders()
        self._about = scene.AddNewNodeByClass("vtkMRMLTextNode", ABOUT_NODE_NAME)
        self._table = add_measurement_table(scene, ())
        self._shown_rows: list[TableRow] = []
        self._shapes = ShapeNodes(scene)
        self._surface = self._add_surface()
        self._calcification: slicer.vtkMRMLSegmentationNode | None = None
        self._calcification_file: Path | None = None
        mark_origin((landmarks,), case.model_id)
        file_nodes(self._hierarchy, self._folder, (landmarks, self._about, self._surface))
        file_nodes(self._hierarchy, self._subfolder, (self._table,))

    def show_review(self, state: ReviewState) -> None:
        """Say in the text where the landmarks come from now."""
        if _is_there(self._about):
            self._about.SetText(self._about_text(state))

    @property
    def lines(self) -> tuple[tuple[slicer.vtkMRMLMarkupsLineNode, NamedCurve], ...]:
        """The measured lines, each with what it shows."""
        return self._shapes.lines

    def show_measurements(self, measurements: Measurements) -> tuple[slicer.vtkMRMLMarkupsNode, ...]:
        """Bring table, shapes and calcification up to date; return the shapes' nodes that are new."""
        shown = {line.name: line.text for line in measurements.lines if line.text}
        new = self._shapes.show(shapes_in_ras(measurements.shapes, shown))
        mark_origin(new, self._case.model_id)
        file_nodes(self._hierarchy, self._subfolder, new)
        rows = _rows(measurements)
        if rows != self._shown_rows and _is_there(self._table):
            fill_measurement_table(self._table, rows)
        self._shown_rows = rows
        self._show_calcification(measurements.calcification_file)
        return new

    def remove(self) -> None:
        """Take all of it out of the scene."""
        for node in self._nodes():
            remove_node(node)
        for folder in (self._subfolder, self._folder):
            self._hierarchy.RemoveItem(folder, False, False)

    def _nodes(self) -> Iterator[slicer.vtkMRMLNode]:
        own = (self.landmarks, self._calcification, self._about, self._surface, self._table)
        yield from (node for node in (*own, *self._shapes.nodes) if node is not None)

    def _new_folders(self) -> tuple[int, int]:
        nowhere, parent = self._hierarchy.GetInvalidItemID(), self._hierarchy.GetSceneItemID()
        item = self._hierarchy.GetItemByDataNode(self._volume)
        if item == nowhere:
            file_nodes(self._hierarchy, parent, (self._volume,))
        else:
            parent = self._hierarchy.GetItemParent(item)
        folder = self._hierarchy.CreateFolderItem(parent, self._case.case)
        return folder, self._hierarchy.CreateFolderItem(folder, MEASUREMENTS_FOLDER_NAME)

    def _add_surface(self) -> slicer.vtkMRMLModelNode | None:
        positions = self._case.review.state.positions_lps_mm
        frame = root_frame({label: np.array(at) * LPS_TO_RAS for label, at in positions.items()})
        return None if frame is None else add_root_surface(self._scene, self._volume, frame)

    def _show_calcification(self, file: Path | None) -> None:
        if file == self._calcification_file:
            return
        marked = _read(file)
        self._calcification_file = None if marked is None else file
        if marked is None:
            # Rather nothing than what belongs to other landmarks.
            if self._calcification is not None and _is_there(self._calcification):
                self._calcification.GetSegmentation().RemoveAllSegments()
        elif self._calcification is None:
            self._calcification = add_calcification(self._scene, marked, self._volume)
            mark_origin((self._calcification,), self._case.model_id)
            file_nodes(self._hierarchy, self._folder, (self._calcification,))
        elif _is_there(self._calcification):
            show_calcification(self._calcification, marked)

    def _about_text(self, state: ReviewState) -> str:
        placed = {one.label: one for one in self._case.landmarks}
        found = {
            one.label: _known_of(one, placed.get(one.label))
            for one in state.landmarks
            if one.position_lps_mm is not None
        }
        return About(self._case.case, self._case.model_id, None, found, self._case.notes).text()


def _known_of(landmark: Landmark, placed: PlacedLandmark | None) -> str:
    if placed is None:
        return landmark.state
    if landmark.state == "predicted" and placed.placed_by == "file":
        return "from a file"
    confidence = str(placed.details.get("confidence_text", ""))
    # Of a point that was moved the model's confidence says nothing.
    if not confidence or not landmark.is_where_it_was_first:
        return landmark.state
    return f"{landmark.state}, confidence {confidence}"


def _read(file: Path | None) -> CalcifiedBox | None:
    if file is None:
        return None
    try:
        return read_box_file(file)
    except RuntimeError:  # the engine has ended and taken it along: it is started again, and sends another
        return None


def _is_there(node: slicer.vtkMRMLNode | None) -> bool:
    return node is not None and node.GetScene() is not None


def _rows(measurements: Measurements) -> list[TableRow]:
    return [_row(line, line.key in measurements.stale) for line in measurements.lines if line.key in BY_KEY]


def _row(line: MeasuredLine, is_stale: bool) -> TableRow:
    if is_stale:
        return TableRow(line.key, "", _BEING_MEASURED, is_outside=False)
    value = line.text.removesuffix(shown_unit(BY_KEY[line.key].unit)).strip()
    return TableRow(line.key, value, line.reason, line.outside)
