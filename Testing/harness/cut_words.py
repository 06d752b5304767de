"""Looks for words that do not fit where they are written: a panel as narrow as Slicer's must not cut any."""

from __future__ import annotations

from typing import Any

from PySide6 import QtGui, QtWidgets

_ROUND_TEXT_PX = 8  # frames of buttons and cells
_ARROW_PX = 26
_TICK_PX = 22


def cut_words(root: Any) -> list[str]:
    """Return the texts below ``root`` that are shown and do not fit, each with the name of its widget.

    What the user types (fields, paths) may be longer than its field.
    """
    cut: list[str] = []
    for widget in root.findChildren(QtWidgets.QWidget):
        if widget.visible and widget.width > 0:
            cut += [f"{widget.name}: {text}" for text in _cut_in(widget)]
    return cut


def _cut_in(widget: Any) -> list[str]:
    if isinstance(widget, QtWidgets.QTableWidget):
        return _cut_in_table(widget)
    if isinstance(widget, (QtWidgets.QRadioButton, QtWidgets.QCheckBox)):
        return _cut_lines(widget, widget.text, widget.width - _TICK_PX)
    if isinstance(widget, (QtWidgets.QPushButton, QtWidgets.QToolButton)):
        return _cut_lines(widget, widget.text, widget.width - _ROUND_TEXT_PX)
    if isinstance(widget, QtWidgets.QLabel) and isinstance(widget.text, str) and not widget.text.startswith("<"):
        text = "\n".join(widget.text.split()) if widget.wordWrap else widget.text
        return _cut_lines(widget, text, widget.width)
    if isinstance(widget, QtWidgets.QComboBox) and not widget.editable:
        return _cut_lines(widget, widget.currentText, widget.width - _ARROW_PX)
    return []


def _cut_in_table(table: Any) -> list[str]:
    cut = []
    for column in range(table.columnCount):
        room_px = table.columnWidth(column) - _ROUND_TEXT_PX
        header = table.horizontalHeaderItem(column)
        if header is not None:
            cut += _cut_lines(table.horizontalHeader(), header.text(), room_px, bold=True)
        for row in range(table.rowCount):
            item = table.item(row, column)
            if item is None or table.columnSpan(row, column) > 1:
                continue
            icon_px = 0 if item.icon().isNull() else table.iconSize.width()
            words = item.text().replace("-", "- ").split(" ")
            cut += _cut_lines(table, "\n".join(words), room_px - icon_px)
    return cut


def _cut_lines(widget: Any, text: str, room_px: float, *, bold: bool = False) -> list[str]:
    font = QtGui.QFont(widget.font)
    font.setBold(bold or font.bold())
    metrics = QtGui.QFontMetrics(font)
    lines = text.replace("&&", "\0").replace("&", "").replace("\0", "&").splitlines()
    return [line for line in lines if metrics.horizontalAdvance(line) > room_px]
