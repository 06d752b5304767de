"""Exports the open case, or all cases of the results folder; says of each whether it was, and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.export.exporting import CaseOutcome, Exporting, ExportOrder, ExportState
from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.case_lines import CaseLines, CaseState

_ACCEPTED_ONLY = frozenset({CaseState.ACCEPTED})
_UNDECIDED_TOO = frozenset({CaseState.ACCEPTED, CaseState.REJECTED, CaseState.DONE})


@dataclass(frozen=True)
class ExportSource:
    """Where cases come from.

    Args:
        open_case: returns the folder of the open case; None: none is open.
        results: returns the folder that holds all cases.
        why_not_now: returns why nothing can be exported right now, as a sentence; empty: it can.
    """

    open_case: Callable[[], Path | None]
    results: Callable[[], Path]
    why_not_now: Callable[[], str]


class ReviewExport:
    """Two buttons, and an account of what they did.

    Args:
        source: where cases come from.
        pulse: looks after the copying.
    """

    def __init__(self, source: ExportSource, pulse: Pulse) -> None:
        self._source = source
        self._pulse = pulse
        self.widget, self._ui = load_ui("ReviewExport")
        self._exporting = Exporting(self._show)
        self._is_open = self._any_finished = False
        self._ui.exportCaseButton.connect("clicked()", self._export_case)
        self._ui.exportAllButton.connect("clicked()", self._export_all)
        self._ui.cancelExportButton.connect("clicked()", self._exporting.cancel)
        pulse.add(self._exporting.look, lambda: self._exporting.is_running)
        self._say("")
        self._show_buttons(is_running=False)
        self._offer()

    def close(self) -> None:
        """End what runs: the panel goes away."""
        self._exporting.close()

    def show_whether_open(self, *, is_open: bool) -> None:
        """Offer to export the open case."""
        self._is_open = is_open
        self._offer()

    def show_whether_any(self, *, any_finished: bool) -> None:
        """Offer to export all cases where there are some."""
        self._any_finished = any_finished
        self._offer()

    def _offer(self) -> None:
        """Without any case there is nothing to be said of export."""
        any_case = self._is_open or self._any_finished
        self._ui.exportCaseButton.setEnabled(self._is_open)
        self._ui.exportAllButton.setEnabled(any_case)
        self.widget.setVisible(any_case or self._exporting.is_running)

    def _export_case(self) -> None:
        folder = self._source.open_case()
        if folder is not None:
            self._export((folder,))

    def _export_all(self) -> None:
        lines = CaseLines()
        lines.look_into(self._source.results())
        if lines.all:
            self._export(tuple(line.folder for line in lines.all))
        else:
            self._say(_("There is no finished case in {folder}.").format(folder=self._source.results()))

    def _export(self, cases: tuple[Path, ...]) -> None:
        refusal = self._source.why_not_now()
        if not refusal:
            target = qt.QFileDialog.getExistingDirectory(self.widget, _("Export to this folder"), "")
            if not target:
                return
            refusal = self._source.why_not_now()
        if refusal:
            self._say(refusal)
            return
        states = _UNDECIDED_TOO if self._ui.exportUndecided.checked else _ACCEPTED_ONLY
        self._exporting.start(ExportOrder(cases, Path(target), states))
        self._pulse.wake()

    def _show(self, state: ExportState) -> None:
        self._say(export_text(state))
        self._show_buttons(is_running=state.is_running)

    def _say(self, text: str) -> None:
        self._ui.exportOutcome.setPlainText(text)
        self._ui.exportOutcome.setVisible(bool(text))

    def _show_buttons(self, *, is_running: bool) -> None:
        self._ui.exportCaseButton.setVisible(not is_running)
        self._ui.exportAllButton.setVisible(not is_running)
        self._ui.cancelExportButton.setVisible(is_running)


def export_text(state: ExportState) -> str:
    """Return in words what was exported, what not and why; the latter first."""
    title = _("Exporting to {folder} ...") if state.is_running else _("{done} of {all} cases are now in {folder}.")
    lines = [title.format(done=state.exported, all=len(state.order.cases), folder=state.order.target)]
    left_out = [outcome for outcome in state.outcomes if outcome.why_not]
    lines += [_("NOT exported: {case}. {why}").format(case=one.case, why=one.why_not) for one in left_out]
    lines += [_exported_text(one) for one in state.outcomes if not one.why_not]
    return "\n".join(lines)


def _exported_text(outcome: CaseOutcome) -> str:
    doubt = {CaseState.REJECTED: _(" (it was REJECTED)"), CaseState.DONE: _(" (NOT accepted by a reader)")}
    return _("Exported: {case}").format(case=outcome.case) + (doubt.get(outcome.state, "") if outcome.state else "")
