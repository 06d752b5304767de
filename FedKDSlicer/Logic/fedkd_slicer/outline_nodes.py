"""What heads of one's own outlined, each as a segmentation node of its own."""

from __future__ import annotations

from pathlib import Path

import slicer

from fedkd.errors import ExitCode, FedkdError


def add_outline(
    scene: slicer.vtkMRMLScene, head: str, file: Path, ct: slicer.vtkMRMLScalarVolumeNode
) -> slicer.vtkMRMLSegmentationNode:
    """Add what a head outlined, named after the head, with the file's segments, colors and codes.

    Raises:
        FedkdError: SCENE_FAILED when Slicer cannot read the file.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", head)
    node.AddDefaultStorageNode()
    storage = node.GetStorageNode()
    storage.SetFileName(str(file))
    if not storage.ReadData(node):
        raise FedkdError(
            ExitCode.SCENE_FAILED,
            "Slicer's core could not read what a head of the model outlined.",
            where=file,
            what_to_do="Run the prediction of this case again.",
        )
    node.SetReferenceImageGeometryParameterFromVolumeNode(ct)
    node.CreateDefaultDisplayNodes()
    return node
