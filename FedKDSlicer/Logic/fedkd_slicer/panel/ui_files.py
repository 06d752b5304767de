"""Layouts of the panel, as Qt Designer writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer

_UI_FOLDER = Path(__file__).resolve().parents[3] / "Resources" / "UI"


def load_ui(name: str) -> tuple[qt.QWidget, Any]:
    """Return the widget of ``Resources/UI/<name>.ui`` and an object that has its named children as attributes."""
    widget = slicer.util.loadUI(str(_UI_FOLDER / f"{name}.ui"))
    return widget, slicer.util.childWidgetVariables(widget)
