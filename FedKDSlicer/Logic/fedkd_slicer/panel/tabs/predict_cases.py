"""The list of cases: how far each is; a click opens one for review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.case_lines import CaseLine, CaseState

_MOST_ROWS_SHOWN = 6
_HEADER_PX = 30


class PredictCases:
    """Hidden while there are none.

    Args:
        chosen: is told which case was clicked.
    """

    def __init__(self, chosen: Callable[[CaseLine], None]) -> None:
        self.widget, self._ui = load_ui("PredictCases")
        self._chosen = chosen
        self._shown: tuple[CaseLine, ...] = ()
        self._ui.caseTable.connect("cellClicked(int,int)", self._clicked)
        self.widget.hide()

    def show(self, lines: tuple[CaseLine, ...], opened: Path | None) -> None:
        """Show all cases; the one that is open is marked."""
        table = self._ui.caseTable
        self._shown = lines
        table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            state = state_text(line.state)
            if line.folder == opened:
                state = _("Open: {state}").format(state=state)
            for column, text in enumerate((line.name, state, line.message)):
                self._write(row, column, text)
        table.resizeRowsToContents()
        table.setFixedHeight(_height(table))
        self._ui.casesTitle.text = self._title(lines)
        self.widget.setVisible(bool(lines))

    def _write(self, row: int, column: int, text: str) -> None:
        item = self._ui.caseTable.item(row, column)
        if item is None:
            item = qt.QTableWidgetItem()
            self._ui.caseTable.setItem(row, column, item)
        item.setText(text)
        item.setToolTip(text)

    def _clicked(self, row: int, _column: int) -> None:
        if row < len(self._shown):
            self._chosen(self._shown[row])

    @staticmethod
    def _title(lines: tuple[CaseLine, ...]) -> str:
        reviewed = sum(line.is_reviewed for line in lines)
        finished = sum(line.can_be_opened for line in lines)
        text = _("{finished} of {cases} cases are finished, {reviewed} reviewed. Click a finished one to review it.")
        return text.format(finished=finished, cases=len(lines), reviewed=reviewed)


def _height(table: qt.QTableWidget) -> int:
    """Return the height at which few cases leave no empty space, and many can be scrolled."""
    rows = sum(table.rowHeight(row) for row in range(min(table.rowCount, _MOST_ROWS_SHOWN)))
    return _HEADER_PX + rows


def state_text(state: CaseState) -> str:
    """Return a state in words."""
    return {
        CaseState.WAITING: _("Waiting"),
        CaseState.RUNNING: _("Running"),
        CaseState.DONE: _("To be reviewed"),
        CaseState.FAILED: _("Failed"),
        CaseState.CANCELLED: _("Not made"),
        CaseState.ACCEPTED: _("Accepted"),
        CaseState.REJECTED: _("Rejected"),
    }[state]
