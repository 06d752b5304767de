"""Modules: how they are found, opened, entered, left, reloaded and unloaded, with the panels around them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from harness.guarded import StandIn
from harness.widgets.mrml_widgets import qMRMLWidget

Signal = QtCore.Signal


class CoreModule(StandIn):
    """A module written in C++: its name and its logic."""

    STANDS_IN_FOR = "qSlicerAbstractCoreModule"

    def __init__(self, name: str, logic: Any, path: str = "") -> None:
        self.name, self.title, self.path = name, name, path
        self._logic = logic

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> Any:
        return None


class qSlicerScriptedLoadableModuleWidget(qMRMLWidget):
    """The widget around the panel of a module written in Python."""

    def __init__(self, module: qSlicerScriptedLoadableModule) -> None:
        super().__init__()
        self._module = module
        self._python: Any = None
        self.isEntered = False
        self.setLayout(QtWidgets.QVBoxLayout())
        self.setMRMLScene(slicer.mrmlScene)

    def make(self) -> None:
        """Make the panel's Python object and let it fill this widget."""
        name = f"{self._module.name}Widget"
        self._python = getattr(sys.modules[self._module.name], name)(self)
        setattr(slicer.modules, name, self._python)
        self._python.setup()

    def reload(self) -> None:
        self.make()

    def self(self) -> Any:
        return self._python

    def enter(self) -> None:
        self.isEntered = True
        if hasattr(self._python, "enter"):
            self._python.enter()

    def exit(self) -> None:
        self.isEntered = False
        if hasattr(self._python, "exit"):
            self._python.exit()


class qSlicerScriptedLoadableModule(StandIn):
    """A module written in Python: what it says of itself, and its panel once it is opened."""

    def __init__(self, file: Path) -> None:
        self.name, self.path = file.stem, str(file)
        self.title, self.helpText, self.acknowledgementText = self.name, "", ""
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.associatedNodeTypes: list[str] = []
        self.icon: Any = None
        self.hidden, self.index = False, -1
        self._logic = slicer.vtkSlicerScriptedLoadableModuleLogic()
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        if self._widget is None:
            self._widget = qSlicerScriptedLoadableModuleWidget(self)
            self._widget.make()
        return self._widget

    def opened_widget(self) -> qSlicerScriptedLoadableModuleWidget | None:
        """Return the panel if somebody has opened it."""
        return self._widget


class qSlicerModuleManager(QtCore.QObject):
    """All modules by name."""

    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._modules: dict[str, Any] = {}

    def add(self, module: Any) -> None:
        self._modules[module.name] = module
        setattr(slicer.modules, module.name.lower(), module)
        self.moduleLoaded.emit(module.name)

    def module(self, name: str) -> Any:
        return self._modules.get(name)

    def modulesNames(self) -> list[str]:
        return list(self._modules)

    def loadedModuleNames(self) -> list[str]:
        return list(self._modules)

    def factoryManager(self) -> qSlicerModuleManager:
        return self

    def unload_all(self) -> None:
        """What happens when the application ends."""
        for name, module in list(self._modules.items()):
            self.moduleAboutToBeUnloaded.emit(name)
            if isinstance(module, qSlicerScriptedLoadableModule) and module.opened_widget() is not None:
                module.opened_widget().deleteLater()
        self._modules.clear()


def register_scripted_module(file: Path) -> qSlicerScriptedLoadableModule:
    """Do what Slicer does at its start with a module file: run it and let its module class describe itself."""
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    code: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = code
    spec.loader.exec_module(code)
    module = qSlicerScriptedLoadableModule(file)
    slicer.app.moduleManager().add(module)
    setattr(slicer.modules, f"{file.stem}Instance", getattr(code, file.stem)(module))
    return module
