"""Keys of the review. They hold while it is seen and a case is open, in the whole main window, views included."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_selection import Selection

_SPACE = "Space"
# Keys by themselves belong to a widget that has a use for them while it has the focus.
_TYPED_INTO = ("QLineEdit", "QTextEdit", "QPlainTextEdit", "QAbstractSpinBox", "QComboBox", "QAbstractSlider")
_PRESSED_BY_SPACE = "QAbstractButton"


class ReviewKeys:
    """Shortcuts that do what buttons and table do.

    Args:
        selection: 1 to 7 and the arrows choose the landmark.
        actions: what the other keys do to it.
    """

    def __init__(self, selection: Selection, actions: LandmarkActions) -> None:
        self._works: dict[str, Callable[[], None]] = {
            **{str(row): self._chooses(selection, label) for row, label in enumerate(LANDMARK_NAMES, start=1)},
            "Up": lambda: selection.step(-1),
            "Down": lambda: selection.step(1),
            _SPACE: actions.toggle_accepted,
            "P": actions.place,
            "Del": actions.remove,
            "Ctrl+Z": actions.undo,
            "Ctrl+Y": actions.redo,
        }
        self._shortcuts: dict[str, qt.QShortcut] = {}

    def start(self) -> None:
        """Listen to the keys."""
        if self._shortcuts:
            return
        for keys, work in self._works.items():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), slicer.util.mainWindow())
            shortcut.connect("activated()", work)
            self._shortcuts[keys] = shortcut
        qt.QApplication.instance().connect("focusChanged(QWidget*,QWidget*)", self._focus_changed)
        self._focus_changed(None, qt.QApplication.focusWidget())

    def stop(self) -> None:
        """Leave the keys to others."""
        if not self._shortcuts:
            return
        qt.QApplication.instance().disconnect("focusChanged(QWidget*,QWidget*)", self._focus_changed)
        for shortcut in self._shortcuts.values():
            shortcut.delete()
        self._shortcuts = {}

    def _focus_changed(self, _before: qt.QWidget | None, now: qt.QWidget | None) -> None:
        typed_into = now is not None and any(now.inherits(kind) for kind in _TYPED_INTO)
        pressed = now is not None and now.inherits(_PRESSED_BY_SPACE)
        for keys, shortcut in self._shortcuts.items():
            shortcut.setEnabled(not typed_into and not (pressed and keys == _SPACE))

    @staticmethod
    def _chooses(selection: Selection, label: str) -> Callable[[], None]:
        return lambda: selection.visit(label)
