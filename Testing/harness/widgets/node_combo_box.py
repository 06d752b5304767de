"""``qMRMLNodeComboBox``: the nodes of the scene that fit, and which of them is chosen."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

Signal, Property = QtCore.Signal, QtCore.Property


def _refilling(name: str, kind: Any) -> QtCore.Property:
    """Return a property after whose change the list is made anew."""

    def change(self: qMRMLNodeComboBox, value: Any) -> None:
        setattr(self, name, value)
        self._fill()

    return Property(kind, lambda self: getattr(self, name), change)


class qMRMLNodeComboBox(QtWidgets.QWidget):
    """Follows the scene; chooses the first fitting node by itself when "none" is not offered, as Slicer's does."""

    currentNodeChanged = Signal(object)
    currentNodeIDChanged = Signal(str)
    nodeAddedByUser = Signal(object)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    mrmlSceneChanged = Signal(object)
    SIGNALS = dict.fromkeys(
        [
            "currentNodeChanged(vtkMRMLNode*)",
            "currentNodeIDChanged(QString)",
            "nodeAddedByUser(vtkMRMLNode*)",
            "nodeActivated(vtkMRMLNode*)",
            "nodeAdded(vtkMRMLNode*)",
            "nodeAboutToBeRemoved(vtkMRMLNode*)",
            "mrmlSceneChanged(vtkMRMLScene*)",
        ]
    )

    nodeTypes = _refilling("_node_types", "QStringList")
    noneEnabled = _refilling("_none_enabled", bool)
    noneDisplay = _refilling("_none_display", str)
    showHidden = _refilling("_show_hidden", bool)
    showChildNodeTypes = _refilling("_show_child_types", bool)
    hideChildNodeTypes = _refilling("_hide_child_types", "QStringList")
    addEnabled = _refilling("_add_enabled", bool)
    removeEnabled = _refilling("_remove_enabled", bool)
    editEnabled = _refilling("_edit_enabled", bool)
    renameEnabled = _refilling("_rename_enabled", bool)
    selectNodeUponCreation = _refilling("_select_created", bool)
    baseName = _refilling("_base_name", str)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._node_types: list[str] = []
        self._hide_child_types: list[str] = []
        self._none_enabled = self._show_hidden = self._rename_enabled = self._edit_enabled = False
        self._add_enabled = self._remove_enabled = self._select_created = self._show_child_types = True
        self._none_display, self._base_name = "None", ""
        self._attributes: list[tuple[str, str, Any]] = []
        self._scene: Any = None
        self._observers: list[tuple[Any, int]] = []
        self._ids: list[str | None] = []
        self._current: str | None = None
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.box = QtWidgets.QComboBox()
        layout.addWidget(self.box)
        self.box.connect("activated(int)", self._chosen_by_user)
        self.destroyed.connect(self._stop_observing)

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        self._stop_observing()
        self._scene = scene
        if scene is not None:
            events = (
                slicer.vtkMRMLScene.NodeAddedEvent,
                slicer.vtkMRMLScene.NodeRemovedEvent,
                slicer.vtkMRMLScene.EndBatchProcessEvent,
                slicer.vtkMRMLScene.EndCloseEvent,
            )
            self._observers = [(scene, scene.AddObserver(event, lambda *_: self._fill())) for event in events]
        self._fill()
        self.mrmlSceneChanged.emit(scene)

    def _stop_observing(self) -> None:
        for scene, tag in self._observers:
            scene.RemoveObserver(tag)
        self._observers = []

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        self._attributes.append((node_type, name, value))
        self._fill()

    def removeAttribute(self, node_type: str, name: str) -> None:
        self._attributes = [each for each in self._attributes if each[:2] != (node_type, name)]
        self._fill()

    def nodeCount(self) -> int:
        return sum(each is not None for each in self._ids)

    def nodeFromIndex(self, index: int) -> Any:
        return self._scene.GetNodeByID([each for each in self._ids if each is not None][index])

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self._current) if self._current and self._scene else None

    def setCurrentNode(self, node: Any) -> None:
        self.setCurrentNodeID(node if isinstance(node, str) else node.GetID() if node is not None else "")

    def setCurrentNodeID(self, node_id: str) -> None:
        self._select(node_id if node_id in self._ids else None)

    def setCurrentNodeIndex(self, index: int) -> None:
        self.setCurrentNode(self.nodeFromIndex(index))

    def addNode(self, node_type: str = "") -> Any:
        kind = node_type or self._node_types[0]
        name = self._scene.GenerateUniqueName(self._base_name or kind.removeprefix("vtkMRML").removesuffix("Node"))
        node = self._scene.AddNewNodeByClass(kind, name)
        if self._select_created:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        if self.currentNode() is not None:
            self._scene.RemoveNode(self.currentNode())

    currentNodeID = Property(
        str, lambda self: self._current or "", lambda self, node_id: self.setCurrentNodeID(node_id)
    )

    def _fits(self, node: Any) -> bool:
        if self._show_child_types:
            fits = any(node.IsA(kind) for kind in self._node_types)
        else:
            fits = node.GetClassName() in self._node_types
        if not fits or any(node.IsA(kind) for kind in self._hide_child_types):
            return False
        if node.GetHideFromEditors() and not self._show_hidden:
            return False
        return all(
            node.GetAttribute(name) == str(value) if value is not None else node.GetAttribute(name) is not None
            for kind, name, value in self._attributes
            if node.IsA(kind)
        )

    def _fill(self) -> None:
        scene = self._scene
        if scene is not None and scene.IsBatchProcessing():
            return
        every = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())] if scene is not None else []
        nodes = [node for node in every if self._fits(node)]
        none = [None] if self._none_enabled else []
        self._ids = [*none, *(node.GetID() for node in nodes)]
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItems([*([self._none_display] if none else []), *(node.GetName() or "" for node in nodes)])
        self.box.blockSignals(False)
        first = None if self._none_enabled or not nodes else nodes[0].GetID()
        self._select(self._current if self._current in self._ids else first)

    def _chosen_by_user(self, index: int) -> None:
        self._select(self._ids[index])
        self.nodeActivated.emit(self.currentNode())

    def _select(self, node_id: str | None) -> None:
        self.box.setCurrentIndex(self._ids.index(node_id) if node_id in self._ids else -1)
        if node_id != self._current:
            self._current = node_id
            self.currentNodeChanged.emit(self.currentNode())
            self.currentNodeIDChanged.emit(node_id or "")
