"""A person in front of Slicer: sees what is shown, presses, chooses, types, drags, opens and closes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtTest, QtWidgets

from harness.application.modules import qSlicerScriptedLoadableModule, register_scripted_module
from harness.documented import PRODUCT_FOLDER
from harness.fixtures import SlicerApp

_Left = QtCore.Qt.MouseButton.LeftButton
MODULE_FILE = Path(PRODUCT_FOLDER) / "FedKDSlicer.py"


class Person:
    """Acts on what is visible and enabled only; anything else raises AssertionError with what there is instead."""

    def __init__(self, slicer_app: SlicerApp, module_name: str = "FedKDSlicer") -> None:
        self._slicer_app = slicer_app
        self._module_name = module_name

    # ---- application

    def install_module(self, file: Path = MODULE_FILE) -> qSlicerScriptedLoadableModule:
        """Have the module in Slicer, as after a start with the extension installed."""
        module = register_scripted_module(file)
        slicer.app.startupCompleted.emit()
        return module

    def open_module(self, name: str) -> Any:
        """Choose a module in the module selector; returns its Python widget."""
        self._module_name = name
        slicer.app.mainWindow().moduleSelector().selectModule(name)
        self.wait()
        return slicer.app.moduleManager().module(name).widgetRepresentation().self()

    def leave_module(self) -> None:
        """Choose another module."""
        slicer.app.mainWindow().moduleSelector().leave()

    def reload_module(self) -> Any:
        """Press "Reload" of the developer's tools."""
        slicer.util.reloadScriptedModule(self._module_name)
        self.wait()
        return slicer.app.moduleManager().module(self._module_name).widgetRepresentation().self()

    def close_scene(self) -> None:
        """File > Close Scene."""
        slicer.mrmlScene.Clear(False)
        self.wait()

    def save_scene(self, file: Path) -> None:
        assert slicer.util.saveScene(str(file), {}), file

    def open_scene(self, file: Path) -> None:
        """File > Add Data, a scene: replaces what is open."""
        slicer.util.loadScene(str(file), {"clear": True})
        self.wait()

    # ---- looking

    @property
    def panel(self) -> QtWidgets.QWidget:
        return slicer.app.moduleManager().module(self._module_name).widgetRepresentation()

    def sees(self) -> str:
        """Return all texts that are shown in the panel, line by line."""
        texts = [_text_of(widget) for widget in _visible(self.panel)]
        return "\n".join(text for text in texts if text)

    def find(self, what: str, kind: type = QtWidgets.QWidget) -> Any:
        """Return the visible widget with this object name or text."""
        found = [
            each for each in _visible(self.panel) if isinstance(each, kind) and what in (each.name, _text_of(each))
        ]
        if len(found) != 1:
            near = sorted(
                {each.name or _text_of(each) for each in _visible(self.panel) if isinstance(each, kind)} - {""}
            )
            raise AssertionError(f"{len(found)} visible {kind.__name__}s are called {what!r}; there are: {near}")
        return found[0]

    # ---- acting

    def press(self, what: str) -> None:
        """Click a button with the mouse."""
        button = self.find(what, QtWidgets.QAbstractButton)
        if not button.enabled:
            raise AssertionError(f"the button {what!r} is disabled; its tool tip says: {button.toolTip!r}")
        QtTest.QTest.mouseClick(button, _Left, pos=_where_to_click(button))
        self.wait()

    def choose(self, what: str, text: str) -> None:
        """Choose an entry of a combo box (or of a node selector) by its text."""
        widget = self.find(what)
        box = widget if isinstance(widget, QtWidgets.QComboBox) else widget.findChild(QtWidgets.QComboBox)
        self._must_be_enabled(widget, what)
        texts = [box.itemText(index) for index in range(box.count)]
        if text not in texts:
            raise AssertionError(f"{what!r} does not offer {text!r}; it offers: {texts}")
        box.setCurrentIndex(texts.index(text))
        box.activated.emit(texts.index(text))
        self.wait()

    def show_tab(self, title: str) -> None:
        """Click a tab by its title."""
        for tabs in self.panel.findChildren(QtWidgets.QTabBar):
            for index in range(tabs.count):
                if without_mnemonic(tabs.tabText(index)) == title and tabs.isTabEnabled(index):
                    QtTest.QTest.mouseClick(tabs, _Left, pos=tabs.tabRect(index).center())
                    self.wait()
                    return
        raise AssertionError(f"no tab {title!r} that can be chosen")

    def type_text(self, what: str, text: str) -> None:
        """Click into a field and type, replacing what stood there."""
        widget = self.find(what)
        self._must_be_enabled(widget, what)
        field = (
            widget
            if isinstance(widget, QtWidgets.QLineEdit | QtWidgets.QPlainTextEdit | QtWidgets.QTextEdit)
            else (widget.findChild(QtWidgets.QLineEdit))
        )
        if field.readOnly:
            raise AssertionError(f"{what!r} cannot be written in")
        field.setFocus()
        field.selectAll()
        QtTest.QTest.keyClicks(field, text)
        QtTest.QTest.keyClick(field, QtCore.Qt.Key.Key_Tab)
        self.wait()

    def press_keys(self, keys: str, into: QtWidgets.QWidget | None = None) -> None:
        """Press a key or a combination as it is written on menus: ``"Space"``, ``"Ctrl+Z"``, ``"3"``.

        Goes to ``into``, or to the widget with the focus, or to the main window; shortcuts come before the widget.
        """
        window = slicer.app.mainWindow()
        window.activateWindow()
        target = into or QtWidgets.QApplication.focusWidget() or window
        QtTest.QTest.keySequence(target, keys)
        self.wait()

    def wait(self) -> None:
        """Let Qt do what is pending."""
        QtWidgets.QApplication.processEvents()

    def wait_until(self, condition: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Let the application run until the condition holds; returns its value."""
        end = time.monotonic() + seconds
        while True:
            QtWidgets.QApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
            start = time.monotonic()
            value = condition()
            looked_s = time.monotonic() - start
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"not after {seconds} s: {condition}; the panel shows:\n{self.sees()}")
            # Looking at a whole panel takes a while, which the processes that are waited for can use better.
            QtTest.QTest.qWait(round(1000 * min(max(0.01, 4 * looked_s), 0.2)))

    @staticmethod
    def _must_be_enabled(widget: QtWidgets.QWidget, what: str) -> None:
        if not widget.enabled:
            raise AssertionError(f"{what!r} is disabled")


def _visible(root: QtWidgets.QWidget) -> list[QtWidgets.QWidget]:
    return [root, *(each for each in root.findChildren(QtWidgets.QWidget) if each.visible)]


def _text_of(widget: QtWidgets.QWidget) -> str:
    if isinstance(widget, QtWidgets.QPlainTextEdit | QtWidgets.QTextEdit):
        return widget.toPlainText() or ""
    text = getattr(widget, "text", None)
    if not isinstance(text, str):
        text = getattr(widget, "title", "")
    return without_mnemonic(text) if isinstance(text, str) else ""


def without_mnemonic(text: str) -> str:
    """Return a label as it is read: "&Open" is Open, "Save && Close" is Save & Close."""
    return re.sub("&(.)", r"\1", text)


def _where_to_click(button: QtWidgets.QAbstractButton) -> QtCore.QPoint:
    # The mark of a check box is at its left, the header of a collapsible button at its top.
    return QtCore.QPoint(min(10, button.width // 2), min(10, button.height // 2))
