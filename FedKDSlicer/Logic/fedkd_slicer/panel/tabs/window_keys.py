"""Keys that hold in the whole main window, views included, while a tab is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import qt
import slicer


class WindowKeys:
    """Shortcuts. A field that is typed into takes its keys before them, as Qt has it.

    Args:
        works: keys as they are written on menus -> what they do.
    """

    def __init__(self, works: Mapping[str, Callable[[], None]]) -> None:
        self._works = dict(works)
        self._shortcuts: list[qt.QShortcut] = []

    def start(self) -> None:
        """Listen to the keys."""
        if self._shortcuts:
            return
        for keys, work in self._works.items():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), slicer.util.mainWindow())
            shortcut.connect("activated()", work)
            self._shortcuts.append(shortcut)

    def stop(self) -> None:
        """Leave the keys to others."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)  # at once: it is deleted a little later
            shortcut.deleteLater()
        self._shortcuts = []
