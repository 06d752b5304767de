"""Pictures of the panel and of the whole window with its views, as a user would see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtWidgets

from harness.application.main_window import PANEL_WIDTH_PX

_SCROLL_BAR_PX = 20


def take_panel_picture(panel: Any, file: Path) -> None:
    """Write the module's panel as high as it needs to be, all of it, as PNG."""
    panel.ensurePolished()
    height = max(panel.layout().sizeHint().height(), panel.height)
    before = panel.size
    panel.resize(PANEL_WIDTH_PX, height)
    QtWidgets.QApplication.processEvents()
    _save(panel, file)
    panel.resize(before)


def take_window_picture(file: Path, size_px: tuple[int, int] = (1600, 1000)) -> None:
    """Write the main window as PNG: panel at the left, views at the right, drawn anew."""
    window = slicer.app.mainWindow()
    window.resize(*size_px)
    QtWidgets.QApplication.processEvents()
    _widen_panel(window)
    # Once more: how high wrapped text is shows only at the width that it now has.
    _widen_panel(window)
    for widget in slicer.app.layoutManager().shown_widgets():
        widget.draw()
    QtWidgets.QApplication.processEvents()
    _save(window, file)


def _widen_panel(window: Any) -> None:
    """Make the panel as wide as its content needs, as Slicer does instead of cutting it off."""
    area = window.panel_tree()
    content = 0 if area.widget() is None else area.widget().layout().minimumSize().width() + _SCROLL_BAR_PX
    window.findChild(QtWidgets.QDockWidget, "PanelDockWidget").setFixedWidth(max(PANEL_WIDTH_PX, content))
    QtWidgets.QApplication.processEvents()


def _save(widget: QtWidgets.QWidget, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(file), "PNG"):
        raise OSError(f"the picture could not be written: {file}")
