"""The main window: the module panel at the left, the views at the right, a status bar below."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from harness.complaints import COMPLAINTS

Signal, Property = QtCore.Signal, QtCore.Property
PANEL_WIDTH_PX = 420


class qSlicerModuleSelectorToolBar(QtWidgets.QToolBar):
    """Chooses which module's panel is shown, and tells both modules."""

    moduleSelected = Signal(str)

    def __init__(self, panel: QtWidgets.QScrollArea) -> None:
        super().__init__("Module selection")
        self._panel, self._selected = panel, ""
        self._label = QtWidgets.QLabel("Modules:")
        self.addWidget(self._label)

    def selectModule(self, name: str) -> None:
        module = slicer.app.moduleManager().module(name)
        if module is None:
            COMPLAINTS.add(f"a module {name!r} was selected, which is not there")
            return
        if name == self._selected:
            return
        self.leave()
        self._selected = name
        widget = module.widgetRepresentation()
        self._label.setText(f"Modules:  {module.title}")
        if widget is not None:
            self._panel.setWidget(widget)
            widget.show()
            widget.enter()
        self.moduleSelected.emit(name)

    def leave(self) -> None:
        """Leave the module that is shown, without showing another."""
        if self._selected:
            shown = self._panel.takeWidget()
            if shown is not None:
                shown.exit()
                shown.hide()
        self._selected = ""

    selectedModule = Property(str, lambda self: self._selected, selectModule)


class qSlicerMainWindow(QtWidgets.QMainWindow):
    """Slicer's main window, as far as a module and a picture of it need one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle("3D Slicer")
        panel = QtWidgets.QScrollArea()
        panel.setObjectName("ModulePanel")
        panel.setWidgetResizable(True)
        panel.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        dock = QtWidgets.QDockWidget()
        dock.setObjectName("PanelDockWidget")
        dock.setTitleBarWidget(QtWidgets.QWidget())
        dock.setWidget(panel)
        dock.setFixedWidth(PANEL_WIDTH_PX)
        self.addDockWidget(QtCore.Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self._selector = qSlicerModuleSelectorToolBar(panel)
        self.addToolBar(self._selector)
        self.viewport = QtWidgets.QWidget()
        self.setCentralWidget(self.viewport)
        self.statusBar()
        self.resize(1600, 1000)

    def moduleSelector(self) -> qSlicerModuleSelectorToolBar:
        return self._selector

    def panel_tree(self) -> Any:
        return self.findChild(QtWidgets.QScrollArea, "ModulePanel")
