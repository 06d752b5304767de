"""The measurements under the catalog's headings: changed ones marked, those that are being measured gray."""

from __future__ import annotations

import qt

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import MeasuredLine, OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.review_measurement_words import MeasurementWords, findings_text, state_text, words_of
from fedkd_slicer.panel.ui_files import load_ui

_NAME, _VALUE, _REMARK = range(3)
_NAME_PX, _VALUE_PX = 136, 92


class ReviewMeasurements:
    """An onlooker of the desk."""

    def __init__(self) -> None:
        self.widget, self._ui = load_ui("ReviewMeasurements")
        self._table = self._ui.measurementTable
        self._table.setColumnWidth(_NAME, _NAME_PX)
        self._table.setColumnWidth(_VALUE, _VALUE_PX)
        self._rows: dict[str, int] = {}
        self._shown: dict[str, MeasurementWords] = {}
        self._first: dict[str, MeasuredLine] = {}
        self._notes: tuple[str, ...] = ()

    def case_opened(self, case: OpenedCase) -> None:
        """Begin anew."""
        self._clear()
        self._first = case.measured.by_key
        self._notes = case.notes

    def review_changed(self, review: Review) -> None:
        """`measurements_changed` follows where it matters."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Show the numbers, and what is to be said of all of them."""
        if tuple(self._rows) != tuple(line.key for line in measurements.lines):
            self._build(measurements.lines)
        words = {line.key: words_of(line, measurements, self._first.get(line.key)) for line in measurements.lines}
        changed = [key for key, shown in words.items() if shown != self._shown.get(key)]
        for key in changed:
            self._show(self._rows[key], words[key])
        self._shown = words
        if changed:
            self._table.resizeRowsToContents()
            self._bring_into_sight(changed)
        self._ui.measurementState.text = state_text(measurements)
        findings = findings_text(measurements.findings, self._notes)
        self._ui.generalFindings.text = findings
        self._ui.generalFindings.setVisible(bool(findings))

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Forget the numbers."""
        self._clear()

    def _clear(self) -> None:
        self._rows, self._shown, self._first, self._notes = {}, {}, {}, ()
        self._table.setRowCount(0)

    def _build(self, lines: tuple[MeasuredLine, ...]) -> None:
        self._rows, self._shown = {}, {}
        self._table.setRowCount(0)
        group = ""
        for line in lines:
            if line.group != group:
                group = line.group
                self._add_heading(group)
            self._rows[line.key] = self._add_row(line.name)

    def _add_heading(self, text: str) -> None:
        row = self._add_row(text)
        self._table.setSpan(row, _NAME, 1, self._table.columnCount)
        self._table.item(row, _NAME).setFont(self._font(bold=True))

    def _add_row(self, name: str) -> int:
        row = self._table.rowCount
        self._table.insertRow(row)
        for column in (_NAME, _VALUE, _REMARK):
            item = qt.QTableWidgetItem()
            item.setFlags(qt.Qt.ItemIsEnabled)
            self._table.setItem(row, column, item)
        self._table.item(row, _NAME).setText(name)
        return row

    def _show(self, row: int, words: MeasurementWords) -> None:
        group = qt.QPalette.Disabled if words.is_stale else qt.QPalette.Active
        brush = qt.QBrush(self.widget.palette.color(group, qt.QPalette.Text))
        font = self._font(bold=words.is_changed or words.is_outside)
        for column, text in ((_VALUE, words.value), (_REMARK, words.remark)):
            item = self._table.item(row, column)
            item.setText(text)
            item.setFont(font)
        for column in (_NAME, _VALUE, _REMARK):
            item = self._table.item(row, column)
            item.setForeground(brush)
            item.setToolTip(words.more)

    def _bring_into_sight(self, changed: list[str]) -> None:
        marked = [key for key in changed if self._shown[key].is_changed]
        if marked:
            self._table.scrollToItem(self._table.item(self._rows[marked[0]], _NAME))

    def _font(self, *, bold: bool) -> qt.QFont:
        font = qt.QFont(self.widget.font)
        font.setBold(bold)
        return font
