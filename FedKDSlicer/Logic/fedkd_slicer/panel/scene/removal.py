"""Taking nodes out of the scene, with all that belongs to them."""

from __future__ import annotations

import slicer


def remove_node(node: slicer.vtkMRMLNode) -> None:
    """Remove a node, with what displays and stores it; one that is gone already is left alone."""
    scene = node.GetScene()
    if scene is None:
        return
    helpers = [node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes())] if _displays(node) else []
    helpers += [node.GetNthStorageNode(n) for n in range(node.GetNumberOfStorageNodes())] if _stores(node) else []
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(node)
    if item != hierarchy.GetInvalidItemID():
        hierarchy.RemoveItem(item, False, False)
    scene.RemoveNode(node)
    for helper in helpers:
        if helper is not None and helper.GetScene() is not None:
            scene.RemoveNode(helper)


def _displays(node: slicer.vtkMRMLNode) -> bool:
    return bool(node.IsA("vtkMRMLDisplayableNode"))


def _stores(node: slicer.vtkMRMLNode) -> bool:
    return bool(node.IsA("vtkMRMLStorableNode"))
