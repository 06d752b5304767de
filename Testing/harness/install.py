"""Puts ``qt``, ``ctk`` and the application's part of ``slicer`` where ``import`` finds them."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from fedkd_slicer.core_without_application import SlicerCore, start_core
from harness.guarded import GuardedModule
from harness.pythonqt.objects import QT_MODULES, install_pythonqt_manners
from harness.pythonqt.ui_loader import UiLoader

# Below Python 3.12 None has a count of references, and here it loses one or two with every round of Qt's events: after
# some minutes of waiting the process ended with "deallocating None". These keep it for hours.
_NONE_IS_HELD = [None] * 2_000_000


@dataclass
class RunningApplication:
    """What was started, for the fixture that ends it."""

    app: Any
    core: SlicerCore


def start_application(scratch: Path) -> RunningApplication:
    """Start an empty application in an empty folder: a new scene, a new window, no module of ours."""
    scratch.mkdir(parents=True, exist_ok=True)
    core = start_core(scratch)
    crosshair = slicer.vtkMRMLCrosshairNode()
    crosshair.SetCrosshairName("default")
    core.scene.AddNode(crosshair)
    QtCore.QSettings.setDefaultFormat(QtCore.QSettings.Format.IniFormat)
    QtCore.QSettings.setPath(QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope, str(scratch))
    _application_of_qt()
    install_modules()
    from harness.application.application import qSlicerApplication
    from harness.application.dicom_database import DicomDatabase
    from harness.application.modules import CoreModule

    slicer.modules = GuardedModule("slicer.modules")
    sys.modules["slicer.modules"] = slicer.modules
    slicer.mrmlScene = core.scene
    slicer.app = qSlicerApplication(core.scene, core.application_logic, scratch)
    slicer.dicomDatabase = DicomDatabase()
    for name in ("Volumes", "Markups", "Models", "Texts", "SubjectHierarchy", "Segmentations"):
        slicer.app.moduleManager().add(CoreModule(name, core.application_logic.GetModuleLogic(name)))
    slicer.app.mainWindow().show()
    return RunningApplication(slicer.app, core)


def _application_of_qt() -> QtWidgets.QApplication:
    existing = QtWidgets.QApplication.instance()
    if existing is not None:
        return existing
    application = QtWidgets.QApplication(["Slicer"])
    application.setOrganizationName("NA-MIC")
    application.setApplicationName("Slicer")
    application.setStyle("Fusion")
    return application


def install_modules() -> None:
    """Make ``qt``, ``ctk``, ``slicer.i18n`` and their like importable, once a process."""
    if "qt" in sys.modules and isinstance(sys.modules["qt"], GuardedModule):
        return
    # Each test looks through all objects for what it left behind: those of the libraries need not be looked at again.
    gc.freeze()
    install_pythonqt_manners()
    _install_qt()
    _install_widgets()
    from harness.application import packages, scripted_module, translation

    _install_submodule("i18n", translation)
    _install_submodule("packaging", packages)
    _install_submodule("ScriptedLoadableModule", scripted_module)
    slicer.__class__ = GuardedModule
    slicer.util.__class__ = GuardedModule


def _install_qt() -> None:
    from harness.application.dialogs import AnsweredFileDialog, AnsweredInputDialog, AnsweredMessageBox

    qt = GuardedModule("qt")
    for module in QT_MODULES:
        for name in dir(module):
            if name.startswith("Q"):
                setattr(qt, name, getattr(module, name))
    qt.QUiLoader = UiLoader
    qt.QMessageBox, qt.QFileDialog, qt.QInputDialog = AnsweredMessageBox, AnsweredFileDialog, AnsweredInputDialog
    # In Qt 5 they are in another part of Qt; PythonQt has one name space for all.
    qt.QAction, qt.QShortcut = QtGui.QAction, QtGui.QShortcut
    sys.modules["qt"] = qt


def _install_widgets() -> None:
    from harness.application import modules, view_widgets
    from harness.application.dialogs import ctkMessageBox
    from harness.widgets import ctk_widgets, mrml_widgets, node_combo_box

    ctk = GuardedModule("ctk")
    ctk.ctkMessageBox = ctkMessageBox
    for source in (ctk_widgets, mrml_widgets, node_combo_box, modules, view_widgets):
        for name, kind in vars(source).items():
            if not isinstance(kind, type) or not name.startswith(("ctk", "qMRML", "qSlicer")):
                continue
            setattr(ctk if name.startswith("ctk") else slicer, name, kind)
            if issubclass(kind, QtWidgets.QWidget):
                UiLoader.custom[name] = kind
    sys.modules["ctk"] = ctk


def _install_submodule(name: str, content: ModuleType) -> None:
    module = GuardedModule(f"slicer.{name}")
    for key, value in vars(content).items():
        if not key.startswith("__"):
            setattr(module, key, value)
    module.__all__ = getattr(content, "__all__", [key for key in vars(content) if not key.startswith("_")])
    sys.modules[f"slicer.{name}"] = module
    setattr(slicer, name, module)
