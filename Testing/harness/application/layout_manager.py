"""The layout manager: which views there are, by Slicer's own layout logic, and how they are laid out."""

from __future__ import annotations

from typing import Any

import defusedxml.ElementTree as ElementTree
import slicer
from PySide6 import QtCore, QtWidgets

from harness.application.view_widgets import qMRMLSliceWidget, qMRMLThreeDWidget
from harness.complaints import COMPLAINTS

Signal, Property = QtCore.Signal, QtCore.Property
_BOXES = {"vertical": QtWidgets.QVBoxLayout, "horizontal": QtWidgets.QHBoxLayout}


class qSlicerLayoutManager(QtCore.QObject):
    """Makes a widget for each view that the layout node's layout names, and shows those of the current one."""

    layoutChanged = Signal(int)

    def __init__(self, scene: Any, application_logic: Any, viewport: QtWidgets.QWidget) -> None:
        super().__init__()
        self._scene, self._application_logic, self._viewport = scene, application_logic, viewport
        self._widgets: dict[str, qMRMLSliceWidget | qMRMLThreeDWidget] = {}
        self._logic = slicer.vtkMRMLLayoutLogic()
        self._logic.SetMRMLScene(scene)
        self._shown = -1
        node = self._logic.GetLayoutNode()
        self._observers = [
            (node, node.AddObserver("ModifiedEvent", lambda *_: self._follow())),
            (scene, scene.AddObserver(slicer.vtkMRMLScene.EndCloseEvent, lambda *_: self._show_again())),
        ]
        viewport.setLayout(QtWidgets.QVBoxLayout())
        viewport.layout().setContentsMargins(0, 0, 0, 0)
        self.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)

    def close(self) -> None:
        for observed, tag in self._observers:
            observed.RemoveObserver(tag)
        for widget in self._widgets.values():
            widget.close_live()

    def mrmlScene(self) -> Any:
        return self._scene

    def layoutLogic(self) -> Any:
        return self._logic

    def setLayout(self, layout: int) -> None:
        self._logic.GetLayoutNode().SetViewArrangement(layout)
        self._follow()

    layout = Property(int, lambda self: self._logic.GetLayoutNode().GetViewArrangement(), setLayout)

    def sliceViewNames(self) -> list[str]:
        return [name for name, widget in self._widgets.items() if isinstance(widget, qMRMLSliceWidget)]

    def sliceWidget(self, name: str) -> qMRMLSliceWidget | None:
        return self._widgets.get(name)

    def threeDWidget(self, which: int | str) -> qMRMLThreeDWidget | None:
        widgets = self._three_d_widgets()
        if isinstance(which, str):
            return self._widgets.get(which)
        return widgets[which] if 0 <= which < len(widgets) else None

    threeDViewCount = Property(int, lambda self: len(self._three_d_widgets()))
    tableViewCount = Property(int, lambda self: 0)
    plotViewCount = Property(int, lambda self: 0)

    def mrmlSliceLogics(self) -> Any:
        return self._application_logic.GetSliceLogics()

    def mrmlViewLogics(self) -> Any:
        return self._application_logic.GetViewLogics()

    def activeMRMLThreeDViewNode(self) -> Any:
        widgets = self._three_d_widgets()
        return widgets[0].mrmlViewNode() if widgets else None

    def viewWidget(self, node: Any) -> Any:
        return self._widgets.get(node.GetLayoutName())

    def resetThreeDViews(self) -> None:
        for widget in self._three_d_widgets():
            widget.threeDView().resetFocalPoint()

    def resetSliceViews(self) -> None:
        for name in self.sliceViewNames():
            self._widgets[name].sliceLogic().FitSliceToBackground()

    def setRenderPaused(self, paused: bool) -> None:
        """Pictures are drawn when a test asks for them."""

    def pauseRender(self) -> None:
        """As ``setRenderPaused``."""

    def resumeRender(self) -> None:
        """As ``setRenderPaused``."""

    def shown_widgets(self) -> list[qMRMLSliceWidget | qMRMLThreeDWidget]:
        return [widget for widget in self._widgets.values() if widget.parent() is not None]

    def _three_d_widgets(self) -> list[qMRMLThreeDWidget]:
        return [widget for widget in self._widgets.values() if isinstance(widget, qMRMLThreeDWidget)]

    def _follow(self) -> None:
        layout = self._logic.GetLayoutNode().GetViewArrangement()
        description = self._logic.GetLayoutNode().GetCurrentLayoutDescription()
        # Without description: the scene is being closed, and the views stay as they are.
        if layout == self._shown or not description:
            return
        self._shown = layout
        nodes = self._logic.GetViewNodes()
        for index in range(nodes.GetNumberOfItems()):
            self._widget_of(nodes.GetItemAsObject(index))
        for widget in self._widgets.values():
            widget.setParent(None)
        root = ElementTree.fromstring(description)
        while self._viewport.layout().count():
            self._viewport.layout().takeAt(0).widget().deleteLater()
        self._viewport.layout().addWidget(self._laid_out(root))
        self.layoutChanged.emit(layout)

    def _show_again(self) -> None:
        """Closing a scene keeps the layout."""
        if self.layout != self._shown:
            self.setLayout(self._shown)

    def _widget_of(self, node: Any) -> None:
        name = node.GetLayoutName()
        if name in self._widgets:
            return
        if node.IsA("vtkMRMLSliceNode"):
            self._widgets[name] = qMRMLSliceWidget(node, self._application_logic)
        elif node.IsA("vtkMRMLViewNode"):
            self._widgets[name] = qMRMLThreeDWidget(node, self._application_logic)
        else:
            raise COMPLAINTS.unknown(f"views of the class {node.GetClassName()}")

    def _laid_out(self, element: Any) -> QtWidgets.QWidget:
        if element.tag == "view":
            return self._widgets[element.get("singletontag")]
        kind = element.get("type", "vertical")
        if kind not in _BOXES:
            raise COMPLAINTS.unknown(f"the layout type {kind}")
        box = QtWidgets.QWidget()
        layout = _BOXES[kind](box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for item in element.findall("item"):
            layout.addWidget(self._laid_out(item[0]), int(item.get("splitSize", 1)))
        return box
