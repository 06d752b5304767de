"""The observer's cases: how many were read, and which is next."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.reading_client import CaseToRead
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateCases:
    """A list with progress.

    Args:
        chosen: is told which case to open.
    """

    def __init__(self, chosen: Callable[[CaseToRead], None]) -> None:
        self.widget, self._ui = load_ui("AnnotateCases")
        self._chosen = chosen
        self._cases: tuple[CaseToRead, ...] = ()
        self._ui.nextCaseButton.connect("clicked()", self._open_next)
        self._ui.openCaseButton.connect("clicked()", self._open_chosen)
        self._ui.readingTable.connect("itemSelectionChanged()", self._update)
        self.show_none(_('Fill in the fields above, and press "Show my cases".'))

    def show_none(self, why: str) -> None:
        """There is no list."""
        self._cases = ()
        self._ui.casesHint.text = why
        for part in (self._ui.casesProgress, self._ui.nextCaseButton, self._ui.readingTable, self._ui.openCaseButton):
            part.setVisible(False)

    def show(self, cases: tuple[CaseToRead, ...]) -> None:
        """Show the cases in the order in which they are to be read."""
        self._cases = cases
        ui = self._ui
        read = sum(case.done > 0 for case in cases)
        ui.casesHint.text = _("{read} of {cases} cases read.").format(read=read, cases=len(cases))
        ui.casesProgress.setRange(0, len(cases))
        ui.casesProgress.setValue(read)
        for part in (ui.casesProgress, ui.nextCaseButton, ui.readingTable, ui.openCaseButton):
            part.setVisible(True)
        ui.readingTable.setRowCount(len(cases))
        for row, case in enumerate(cases):
            for column, text in enumerate((case.case, _state_text(case))):
                ui.readingTable.setItem(row, column, qt.QTableWidgetItem(text))
        ui.readingTable.clearSelection()
        self._update()

    def show_opening(self, case: CaseToRead) -> None:
        """A case is being opened."""
        self._ui.casesHint.text = _("Opening case {case}...").format(case=case.case)
        self.widget.setEnabled(False)

    def show_again(self) -> None:
        """What was asked for did not come: the list is as it was."""
        self.widget.setEnabled(True)
        if self._cases:
            self.show(self._cases)
        else:
            self.show_none(_('Press "Show my cases" to try again.'))

    def set_enabled(self, enabled: bool) -> None:
        """While a reading is open, no other can be opened."""
        self.widget.setEnabled(enabled)

    @property
    def next_case(self) -> CaseToRead | None:
        """A draft first, then the first case that was not read; None: all were read."""
        unread = [case for case in self._cases if case.has_draft or case.done == 0]
        return min(unread, key=lambda case: not case.has_draft, default=None)

    def _update(self) -> None:
        ui, following = self._ui, self.next_case
        ui.nextCaseButton.setEnabled(following is not None)
        if following is None:
            ui.nextCaseButton.text = _("All cases are read")
        elif following.has_draft:
            ui.nextCaseButton.text = _("Go on with the draft of case {case}").format(case=following.case)
        else:
            ui.nextCaseButton.text = _("Open the next case: {case}").format(case=following.case)
        chosen = self._chosen_case()
        ui.openCaseButton.setEnabled(chosen is not None)
        again = chosen is not None and chosen.done > 0 and not chosen.has_draft
        ui.openCaseButton.text = _("Read the chosen case once more") if again else _("Open the chosen case")

    def _chosen_case(self) -> CaseToRead | None:
        row = self._ui.readingTable.currentRow()
        return self._cases[row] if 0 <= row < len(self._cases) else None

    def _open_next(self) -> None:
        if self.next_case is not None:
            self._chosen(self.next_case)

    def _open_chosen(self) -> None:
        case = self._chosen_case()
        if case is not None:
            self._chosen(case)


def _state_text(case: CaseToRead) -> str:
    if case.has_draft:
        return _("Draft of reading {number}").format(number=case.number)
    if case.done == 0:
        return _("Not read yet")
    return _("Read") if case.done == 1 else _("Read {times} times").format(times=case.done)
