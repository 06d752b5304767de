"""Loads ``.ui`` files with stand-ins for Slicer's own widgets, and refuses those that there are none for."""

from __future__ import annotations

from typing import Any

import defusedxml.ElementTree as ElementTree
from PySide6 import QtCore, QtUiTools, QtWidgets

from harness.complaints import COMPLAINTS
from harness.pythonqt.properties import loading_ui, native_name, native_set_name


class UiLoader(QtUiTools.QUiLoader):
    """``qt.QUiLoader``: knows the widgets of Qt and those it was given.

    Connections of a ``.ui`` file that hand the scene on (``mrmlSceneChanged``) are made here, because the scene is no
    type that Qt's own loader knows.
    """

    #: class name -> class, filled by ``harness.install``
    custom: dict[str, type[QtWidgets.QWidget]] = {}

    def load(self, source: Any, parent: QtWidgets.QWidget | None = None) -> QtWidgets.QWidget:
        self._made: list[QtWidgets.QWidget] = []
        root = ElementTree.fromstring(bytes(source.readAll()))
        scene_connections = self._take_scene_connections(root)
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(root))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        with loading_ui():
            widget = super().load(buffer, parent)
        # Python owns what createWidget returned until somebody holds the whole tree.
        widget.__dict__["_kept_alive"] = self._made
        by_name = {native_name(each): each for each in [*self._made, widget]}
        for sender, receiver, slot in scene_connections:
            by_name[sender].connect("mrmlSceneChanged(vtkMRMLScene*)", getattr(by_name[receiver], slot))
        return widget

    def createWidget(self, class_name: str, parent: Any = None, name: str = "") -> Any:
        if class_name in self.custom:
            kind = self.custom[class_name]
            widget = kind(parent) if parent is not None else kind()
            native_set_name(widget, name)
        elif hasattr(QtWidgets, class_name) or class_name == "Line":
            widget = super().createWidget(class_name, parent, name)
        else:
            raise COMPLAINTS.unknown(f"the widget class {class_name}, used in a .ui file")
        self._made.append(widget)
        return widget

    @staticmethod
    def _take_scene_connections(root: Any) -> list[tuple[str, str, str]]:
        connections = root.find("connections")
        if connections is None:
            return []
        taken = []
        for each in list(connections):
            if "vtkMRMLScene" in (each.findtext("signal") or ""):
                connections.remove(each)
                taken.append((each.findtext("sender"), each.findtext("receiver"), each.findtext("slot").split("(")[0]))
        return taken
