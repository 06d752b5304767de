"""``slicer.app``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtWidgets

from harness.application.file_io import FileIO
from harness.application.layout_manager import qSlicerLayoutManager
from harness.application.main_window import qSlicerMainWindow
from harness.application.modules import qSlicerModuleManager

Signal, Property = QtCore.Signal, QtCore.Property


class qSlicerApplication(QtCore.QObject):
    """The application: its window, its modules, its settings and its state. Starts empty, in a scratch folder."""

    startupCompleted = Signal()
    aboutToQuit = Signal()
    focusChanged = Signal(QtWidgets.QWidget, QtWidgets.QWidget)

    applicationName = Property(str, lambda self: "Slicer")
    majorVersion = Property(int, lambda self: self._version[0])
    minorVersion = Property(int, lambda self: self._version[1])
    temporaryPath = Property(str, lambda self: str(self._scratch))
    documentationBaseUrl = Property(str, lambda self: "https://slicer.readthedocs.io/en/latest/")

    def __init__(self, scene: Any, application_logic: Any, scratch: Path) -> None:
        super().__init__()
        self._version = (5, 12)
        self._scene, self._logic, self._scratch = scene, application_logic, scratch
        self._module_manager = qSlicerModuleManager()
        self._io = FileIO(application_logic)
        self._window = qSlicerMainWindow()
        self._layout_manager = qSlicerLayoutManager(scene, application_logic, self._window.viewport)
        self._settings = QtCore.QSettings(str(scratch / "Slicer.ini"), QtCore.QSettings.Format.IniFormat)

    def mrmlScene(self) -> Any:
        return self._scene

    def applicationLogic(self) -> Any:
        return self._logic

    def layoutManager(self) -> qSlicerLayoutManager:
        return self._layout_manager

    def moduleManager(self) -> qSlicerModuleManager:
        return self._module_manager

    def coreIOManager(self) -> FileIO:
        return self._io

    ioManager = coreIOManager

    def settings(self) -> QtCore.QSettings:
        return self._settings

    userSettings = settings

    def mainWindow(self) -> qSlicerMainWindow:
        return self._window

    def topLevelWidgets(self) -> list[QtWidgets.QWidget]:
        return [self._window]

    def testingEnabled(self) -> bool:
        """False: the panel has to behave as it does for its users."""
        return False

    def processEvents(self, *_flags: Any) -> None:
        QtWidgets.QApplication.processEvents()

    def translate(self, context: str, text: str) -> str:
        return text

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"{self.documentationBaseUrl}{name}"

    def startupEnvironment(self) -> QtCore.QProcessEnvironment:
        environment = QtCore.QProcessEnvironment()
        for name, value in os.environ.items():
            environment.insert(name, value)
        return environment

    def setOverrideCursor(self, cursor: Any) -> None:
        QtWidgets.QApplication.setOverrideCursor(cursor)

    def restoreOverrideCursor(self) -> None:
        QtWidgets.QApplication.restoreOverrideCursor()

    def pauseRender(self) -> None:
        """Pictures are drawn when a test asks for them."""

    def resumeRender(self) -> None:
        """As ``pauseRender``."""

    def activeWindow(self) -> Any:
        return QtWidgets.QApplication.activeWindow()

    def focusWidget(self) -> Any:
        return QtWidgets.QApplication.focusWidget()

    def clipboard(self) -> Any:
        return QtWidgets.QApplication.clipboard()

    def quit_as_user(self) -> None:
        """End the application: modules are left and unloaded, then ``aboutToQuit`` comes."""
        self._window.moduleSelector().leave()
        self.aboutToQuit.emit()
        self._module_manager.unload_all()

    def close(self) -> None:
        """Let go of the scene and the windows."""
        self._layout_manager.close()
        self._window.delete()
