"""Whatever else lies in the scene is hidden while somebody reads blind: points, models and segmentations of others."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

_CLASSES = ("vtkMRMLMarkupsNode", "vtkMRMLModelNode", "vtkMRMLSegmentationNode")


class OthersHidden(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Hides nodes from `start` to `stop`, and shows them again afterwards.

    Args:
        told: is told the names of nodes that were hidden.
    """

    def __init__(self, told: Callable[[tuple[str, ...]], None]) -> None:
        super().__init__()
        self._told = told
        self._own: set[str] = set()
        self._hidden: list[str] = []
        self._is_on = False

    def start(self, own: tuple[slicer.vtkMRMLNode, ...]) -> None:
        """Hide everything but these nodes, and what comes into the scene from now on."""
        self.stop()
        self.allow(*own)
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.NodeAddedEvent, self._added)
        self._is_on = True
        self._hide_all()

    def allow(self, *own: slicer.vtkMRMLNode) -> None:
        """Let these nodes be seen, too."""
        self._own.update(node.GetID() for node in own)

    def stop(self) -> None:
        """Show again what was hidden, as far as it is still there."""
        self._is_on = False
        self.removeObservers()
        for node_id in self._hidden:
            node = slicer.mrmlScene.GetNodeByID(node_id)
            if node is not None and node.GetDisplayNode() is not None:
                node.GetDisplayNode().SetVisibility(True)
        self._own, self._hidden = set(), []

    def _hide_all(self) -> None:
        if not self._is_on:
            return
        found = [node for kind in _CLASSES for node in slicer.util.getNodesByClass(kind)]
        names = tuple(node.GetName() for node in found if self._hide(node))
        if names:
            self._told(names)

    def _hide(self, node: slicer.vtkMRMLDisplayableNode) -> bool:
        if node.GetHideFromEditors() or node.GetID() in self._own:
            return False
        display = node.GetDisplayNode()
        if display is None or not display.GetVisibility():
            return False
        display.SetVisibility(False)
        self._hidden.append(node.GetID())
        return True

    @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
    def _added(self, _scene: object, _event: object, node: slicer.vtkMRMLNode) -> None:
        if any(node.IsA(kind) for kind in _CLASSES):
            qt.QTimer.singleShot(0, self._hide_all)  # what it is shown by comes after it
