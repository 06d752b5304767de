"""From a case's results to MRML nodes, in any scene: the application's own or one without an application."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from fedkd.case.segmentation_file import read_calcified_box
from fedkd.measurement.document import FindingRecord
from fedkd_slicer.about_text import ABOUT_NODE_NAME, About
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.ct_nodes import add_ct
from fedkd_slicer.markups_nodes import add_landmarks
from fedkd_slicer.measurement_table import add_measurement_table
from fedkd_slicer.node_marks import MEASUREMENTS_FOLDER_NAME, file_nodes, mark_origin
from fedkd_slicer.outline_nodes import add_outline
from fedkd_slicer.root_surface import add_root_surface
from fedkd_slicer.segmentation_nodes import add_calcification
from fedkd_slicer.shape_nodes import add_shapes
from fedkd_slicer.view_planes import root_frame


@dataclass(frozen=True)
class CaseNodes:
    """The nodes of one case; neither table nor shapes where the case was not measured.

    ``outlines``: of heads that are not ours.
    """

    ct: slicer.vtkMRMLScalarVolumeNode
    landmarks: slicer.vtkMRMLMarkupsFiducialNode
    calcification: slicer.vtkMRMLSegmentationNode
    about: slicer.vtkMRMLTextNode
    root_surface: slicer.vtkMRMLModelNode | None
    table: slicer.vtkMRMLTableNode | None = None
    shapes: tuple[slicer.vtkMRMLMarkupsNode, ...] = ()
    outlines: tuple[slicer.vtkMRMLSegmentationNode, ...] = ()


def add_case_to_scene(scene: slicer.vtkMRMLScene, case: CaseResults) -> CaseNodes:
    """Add CT, landmarks, calcification and a note about their origin, in a folder named after the case.

    Raises:
        FedkdError: SCENE_FAILED, with the file that Slicer could not read; as `read_calcified_box`.
    """
    ct = add_ct(scene, case.ct_file, case.case_id)
    landmarks = add_landmarks(scene, case.landmarks_file)
    calcification = add_calcification(scene, read_calcified_box(case.calcification_file), ct)
    outlines = tuple(add_outline(scene, head, file, ct) for head, file in case.outlines.items())
    about = _add_about(scene, case)
    frame = root_frame(case.positions_ras_mm)
    root_surface = None if frame is None else add_root_surface(scene, ct, frame)
    rows = case.measured.table_rows
    table = add_measurement_table(scene, rows) if rows else None
    shapes = add_shapes(scene, case.measured.shapes)
    mark_origin((landmarks, calcification, *outlines, *shapes), case.model_id)
    nodes = CaseNodes(ct, landmarks, calcification, about, root_surface, table, shapes, outlines)
    _file_in_case_folder(scene, case.case_id, nodes)
    return nodes


def about_text(case: CaseResults) -> str:
    """Return what a reader must know before using the results."""
    return About(
        case_id=case.case_id,
        model_id=case.model_id,
        landmark_source=case.landmark_source,
        found={name: _confidence_text(case, name) for name in case.positions_ras_mm},
        remarks=(*case.notes, *_measured_text(case)),
    ).text()


def _confidence_text(case: CaseResults, name: str) -> str:
    confidence = case.confidences.get(name)
    return "" if confidence is None else f"confidence {confidence}"


def _measured_text(case: CaseResults) -> list[str]:
    if case.measured.document is None:
        return []
    moved = [f"{name}: moved since it was measured; measure the case again" for name in case.moved]
    findings = [_finding_text(finding) for finding in case.measured.findings]
    return ["The measurements do not follow a landmark that is moved here: measure the case again.", *moved, *findings]


def _finding_text(finding: FindingRecord) -> str:
    source = f" ({finding.source})" if finding.source else ""
    return f"{finding.severity.capitalize()}: {finding.text}{source}"


def _add_about(scene: slicer.vtkMRMLScene, case: CaseResults) -> slicer.vtkMRMLTextNode:
    about = scene.AddNewNodeByClass("vtkMRMLTextNode", ABOUT_NODE_NAME)
    about.SetText(about_text(case))
    return about


def _file_in_case_folder(scene: slicer.vtkMRMLScene, case_id: str, nodes: CaseNodes) -> None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), case_id)
    own = (nodes.ct, nodes.landmarks, nodes.calcification, *nodes.outlines, nodes.about, nodes.root_surface)
    file_nodes(hierarchy, folder, own)
    measured = (nodes.table, *nodes.shapes)
    if any(node is not None for node in measured):
        file_nodes(hierarchy, hierarchy.CreateFolderItem(folder, MEASUREMENTS_FOLDER_NAME), measured)
