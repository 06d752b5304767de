"""Somebody who follows the tutorial: names what is on the screen, and keeps account of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import slicer
from PySide6 import QtCore, QtWidgets

from harness.fixtures import SlicerApp
from harness.person import Person, without_mnemonic
from harness.view_mouse import SliceMouse

# What follows a button's name where it says more: "Undo: Moved LCC", "Three-cusp view" and the angles below.
_MORE = ("\n", ":", " (")
_LOOK_EVERY_S = 0.3


class Camera(Protocol):
    """Takes pictures of what is shown, under the tutorial's names."""

    def window(self, name: str) -> None: ...
    def panel(self, name: str, panel: Any) -> None: ...


class NoCamera:
    """For tests: pictures cost time."""

    def window(self, name: str) -> None: ...
    def panel(self, name: str, panel: Any) -> None: ...


@dataclass
class Done:
    """What was used, pressed, pictured and read in one step."""

    used: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    pictures: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)


class Visitor:
    """A person who finds everything by what is written on it.

    Args:
        slicer_app: the application, in which the module gets installed.
        home: a folder of the visitor's own; all results go there.
        camera: takes the pictures.
    """

    def __init__(self, slicer_app: SlicerApp, home: Path, camera: Camera) -> None:
        self.person = Person(slicer_app)
        self.person.install_module()
        self._dialogs = slicer_app.dialogs
        self.home = home
        self._camera = camera
        self.done = Done()

    def begin(self) -> None:
        """A new step begins."""
        self.done = Done()

    # ---- looking

    def sees(self) -> str:
        """Return all that can be read in the panel, cells of tables and entries that are chosen included."""
        widgets = [each for each in self.person.panel.findChildren(QtWidgets.QWidget) if each.visible]
        tables = [each for each in widgets if isinstance(each, QtWidgets.QTableWidget)]
        boxes = [each.currentText for each in widgets if isinstance(each, QtWidgets.QComboBox)]
        lines = "\n".join([self.person.sees(), *boxes, *map(_cells, tables)]).splitlines()
        text = "\n".join(" ".join(line.split()) for line in lines)
        self.done.looks.append(text)
        return text

    def wait_for(self, text: str, seconds: float = 300.0) -> None:
        """Wait until something can be read."""
        self.wait_until(lambda: text in self.sees(), seconds)

    def picture(self, name: str) -> None:
        """Picture the window."""
        self.done.pictures.append(name)
        self._camera.window(name)

    def panel_picture(self, name: str) -> None:
        """Picture the whole panel."""
        self.done.pictures.append(name)
        self._camera.panel(name, self.person.panel)

    # ---- acting

    def press(self, text: str) -> None:
        """Press the button on which this is written; more may be written behind it."""
        self.done.used.add(text)
        buttons = [each for each in _shown(self.person.panel, QtWidgets.QAbstractButton) if _says(each.text, text)]
        exact = [each for each in buttons if _plain(each.text) == text]
        (button,) = exact or buttons
        self.person.press(button.name or button.text)

    def show_tab(self, title: str) -> None:
        """Click a tab."""
        self.done.used.add(title)
        self.person.show_tab(title)

    def choose(self, box: str, entry: str) -> None:
        """Choose an entry of the list with this label."""
        self.done.used |= {box, entry}
        self.person.choose(self._field(box).name, entry)

    def fill_in(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.done.used.add(label)
        self.person.type_text(self._field(label).name, text)

    def fill_in_hint(self, hint: str, text: str) -> None:
        """Type into the field in which this stands while it is empty."""
        self.done.used.add(hint)
        (field,) = [each for each in _shown(self.person.panel, QtWidgets.QLineEdit) if each.placeholderText == hint]
        self.person.type_text(field.name, text)

    def scroll_to(self, name: str) -> None:
        """Scroll the panel until this part of it begins at the top."""
        panel = self.person.panel
        part = panel.findChild(QtWidgets.QWidget, name)
        area = slicer.app.mainWindow().panel_tree()
        area.verticalScrollBar().setValue(part.mapTo(panel, QtCore.QPoint(0, 0)).y())
        self.person.wait()

    def choose_path(self, label: str, path: Path) -> None:
        """Choose a file or folder for the field with this label."""
        self.done.used.add(label)
        self._field(label).setCurrentPath(str(path))
        self.person.wait()

    def answer_with(self, title: str, path: Path) -> None:
        """Be ready to choose a file or folder when it is asked for."""
        self._dialogs.answer(title, str(path))

    def key(self, keys: str) -> None:
        """Press a key."""
        self.done.keys.add(keys)
        self.person.press_keys(keys)

    def wait_until(self, condition: Callable[[], Any], seconds: float = 300.0) -> Any:
        """Let the application run until the condition holds; look a few times a second, as all of the panel is read."""
        last_s = 0.0

        def looked() -> Any:
            nonlocal last_s
            if time.monotonic() - last_s < _LOOK_EVERY_S:
                return None
            last_s = time.monotonic()
            return condition()

        return self.person.wait_until(looked, seconds)

    def drag(self, label: str, right_mm: float, view: str = "Red") -> None:
        """Drag a landmark to the right, in a slice view that shows it."""
        node = landmarks_node()
        index = label_index(node, label)
        to_ras = slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode().GetSliceToRAS()
        right_ras = np.array([to_ras.GetElement(row, 0) for row in range(3)])
        start = np.array(node.GetNthControlPointPositionWorld(index))
        SliceMouse(view).drag_point(node, index, start + right_mm * right_ras)
        self.person.wait()

    def _field(self, label: str) -> Any:
        """Return the widget in the row of a form with this label."""
        forms = self.person.panel.findChildren(QtWidgets.QFormLayout)
        fields = [
            form.itemAt(row, QtWidgets.QFormLayout.ItemRole.FieldRole).widget()
            for form in forms
            for row in range(form.rowCount())
            if _label_text(form, row) == label
        ]
        shown = [each for each in fields if each is not None and each.visible]
        assert len(shown) == 1, f"{len(shown)} fields are labeled {label!r}"
        return _innermost(shown[0])


def landmarks_node() -> Any:
    """Return the list of points in the scene."""
    (node,) = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
    return node


def label_index(node: Any, label: str) -> int:
    """Return which point of the list is this landmark."""
    labels = [node.GetNthControlPointLabel(each) for each in range(node.GetNumberOfControlPoints())]
    return labels.index(label)


def _shown(root: Any, kind: type) -> list[Any]:
    return [each for each in root.findChildren(kind) if each.visible]


def _plain(text: str) -> str:
    return without_mnemonic(text) if isinstance(text, str) else ""


def _says(written: str, text: str) -> bool:
    return _plain(written) == text or any(_plain(written).startswith(text + more) for more in _MORE)


def _cells(table: QtWidgets.QTableWidget) -> str:
    cells = [table.item(row, column) for row in range(table.rowCount) for column in range(table.columnCount)]
    return "\n".join(cell.text() for cell in cells if cell is not None)


def _label_text(form: QtWidgets.QFormLayout, row: int) -> str:
    item = form.itemAt(row, QtWidgets.QFormLayout.ItemRole.LabelRole)
    label = None if item is None else item.widget()
    return "" if label is None or not label.visible else _plain(label.text)


def _innermost(field: Any) -> Any:
    """A stack of pages has its field on the page that is shown."""
    if not isinstance(field, QtWidgets.QStackedWidget):
        return field
    children = [each for each in field.currentWidget().children() if isinstance(each, QtWidgets.QWidget)]
    return children[0]
