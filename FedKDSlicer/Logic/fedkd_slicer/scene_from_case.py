"""From a case's results to MRML nodes, in any scene: the application's own or one without an application."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.segmentation_file import read_calcified_box
from fedkd.measurement.document import FindingRecord
from fedkd.plain_text import printable
from fedkd_slicer.case_results import NO_MODEL, CaseResults
from fedkd_slicer.ct_nodes import add_ct
from fedkd_slicer.markups_nodes import add_landmarks
from fedkd_slicer.measurement_table import add_measurement_table
from fedkd_slicer.root_surface import add_root_surface
from fedkd_slicer.segmentation_nodes import add_calcification
from fedkd_slicer.shape_nodes import add_shapes
from fedkd_slicer.view_planes import root_frame

ABOUT_NODE_NAME = "About these results"
MEASUREMENTS_FOLDER_NAME = "Measurements"


@dataclass(frozen=True)
class CaseNodes:
    """The nodes of one case; neither table nor shapes where the case was not measured."""

    ct: slicer.vtkMRMLScalarVolumeNode
    landmarks: slicer.vtkMRMLMarkupsFiducialNode
    calcification: slicer.vtkMRMLSegmentationNode
    about: slicer.vtkMRMLTextNode
    root_surface: slicer.vtkMRMLModelNode | None
    table: slicer.vtkMRMLTableNode | None = None
    shapes: tuple[slicer.vtkMRMLMarkupsNode, ...] = ()


def add_case_to_scene(scene: slicer.vtkMRMLScene, case: CaseResults) -> CaseNodes:
    """Add CT, landmarks, calcification and a note about their origin, in a folder named after the case.

    Raises:
        FedkdError: SCENE_FAILED, with the file that Slicer could not read; as `read_calcified_box`.
    """
    ct = add_ct(scene, case.ct_file, case.case_id)
    landmarks = add_landmarks(scene, case.landmarks_file)
    calcification = add_calcification(scene, read_calcified_box(case.calcification_file), ct)
    about = _add_about(scene, case)
    frame = root_frame(case.positions_ras_mm)
    root_surface = None if frame is None else add_root_surface(scene, ct, frame)
    document = case.measured.document
    table = None if document is None else add_measurement_table(scene, document)
    shapes = add_shapes(scene, case.measured.shapes)
    for node in (landmarks, calcification, *shapes):
        # Attributes stay with the scene; a description would give way to that of the landmarks' own file.
        node.SetAttribute("FedKD.ModelId", case.model_id or NO_MODEL)
        node.SetAttribute("FedKD.Notice", NOT_FOR_CLINICAL_USE)
    nodes = CaseNodes(ct, landmarks, calcification, about, root_surface, table, shapes)
    _file_in_case_folder(scene, case.case_id, nodes)
    return nodes


def about_text(case: CaseResults) -> str:
    """Return what a reader must know before using the results."""
    found = [f"{name}: {_confidence_text(case, name)}" for name in case.positions_ras_mm]
    missing = [f"{name}: not found" for name in case.not_found]
    lines = [
        NOT_FOR_CLINICAL_USE,
        f"Case: {case.case_id}",
        f"Model: {case.model_id or NO_MODEL}",
        *_origin_text(case),
        *found,
        *missing,
        *case.notes,
        *_measured_text(case),
    ]
    return "\n".join(lines) + "\n"


def _origin_text(case: CaseResults) -> list[str]:
    lines = ["Check every landmark and the calcification."]
    if case.model_id is not None:
        lines = ["The landmarks and the calcification were predicted by a neural network: check every one of them."]
    if case.landmark_source is not None:
        lines.append(f"Landmarks: {printable(case.landmark_source)}.")
    return lines


def _confidence_text(case: CaseResults, name: str) -> str:
    confidence = case.confidences.get(name)
    return "found" if confidence is None else f"found, confidence {confidence}"


def _measured_text(case: CaseResults) -> list[str]:
    if case.measured.document is None:
        return []
    moved = [f"{name}: moved since it was measured; measure the case again" for name in case.moved]
    findings = [_finding_text(finding) for finding in case.measured.findings]
    return ["The measurements do not follow a landmark that is moved here: measure the case again.", *moved, *findings]


def _finding_text(finding: FindingRecord) -> str:
    source = f" ({finding.source})" if finding.source else ""
    return printable(f"{finding.severity.capitalize()}: {finding.text}{source}")


def _add_about(scene: slicer.vtkMRMLScene, case: CaseResults) -> slicer.vtkMRMLTextNode:
    about = scene.AddNewNodeByClass("vtkMRMLTextNode", ABOUT_NODE_NAME)
    about.SetText(about_text(case))
    return about


def _file_in_case_folder(scene: slicer.vtkMRMLScene, case_id: str, nodes: CaseNodes) -> None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), case_id)
    owners = ((nodes.ct, "Volumes"), (nodes.landmarks, "Markups"), (nodes.calcification, "Segmentations"))
    for node, owner in (*owners, (nodes.about, "Texts"), (nodes.root_surface, "Models")):
        if node is None:
            continue
        hierarchy.CreateItem(folder, node, owner)
    measured = [(shape, "Markups") for shape in nodes.shapes]
    if nodes.table is not None:
        measured.insert(0, (nodes.table, "Tables"))
    if measured:
        subfolder = hierarchy.CreateFolderItem(folder, MEASUREMENTS_FOLDER_NAME)
        for node, owner in measured:
            hierarchy.CreateItem(subfolder, node, owner)
