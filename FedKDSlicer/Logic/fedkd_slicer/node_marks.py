"""Where nodes of a case are filed, and what they say of where they come from."""

from __future__ import annotations

from collections.abc import Iterable

import slicer

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd_slicer.about_text import NO_MODEL

MEASUREMENTS_FOLDER_NAME = "Measurements"
_OWNERS = (
    ("vtkMRMLVolumeNode", "Volumes"),
    ("vtkMRMLMarkupsNode", "Markups"),
    ("vtkMRMLSegmentationNode", "Segmentations"),
    ("vtkMRMLTextNode", "Texts"),
    ("vtkMRMLModelNode", "Models"),
    ("vtkMRMLTableNode", "Tables"),
)


def mark_origin(nodes: Iterable[slicer.vtkMRMLNode], model_id: str | None) -> None:
    """Write the model and the notice into the nodes themselves."""
    for node in nodes:
        # Attributes stay with the scene; a description would give way to that of the landmarks' own file.
        node.SetAttribute("FedKD.ModelId", model_id or NO_MODEL)
        node.SetAttribute("FedKD.Notice", NOT_FOR_CLINICAL_USE)


def file_nodes(
    hierarchy: slicer.vtkMRMLSubjectHierarchyNode, folder: int, nodes: Iterable[slicer.vtkMRMLNode | None]
) -> None:
    """File nodes in a folder of the Subject Hierarchy, in this order; None is left out."""
    for node in nodes:
        if node is not None:
            hierarchy.CreateItem(folder, node, next(owner for kind, owner in _OWNERS if node.IsA(kind)))
