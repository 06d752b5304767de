"""Writes report, scene and DICOM files of the open case anew, as it was reviewed."""

from __future__ import annotations

from collections.abc import Callable

from slicer.i18n import tr as _

from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.finishing import Finishing, FinishState, StartRun
from fedkd_slicer.panel.tabs.review_says import attempt
from fedkd_slicer.panel.ui_files import load_ui


class ReviewFinish:
    """One button, and how far it is.

    Args:
        desk: has the open case.
        start_run: starts the engine.
        pulse: looks after the run.
        before: is called before the case is closed, for what waits to be done to it.
    """

    def __init__(self, desk: Desk, start_run: StartRun, pulse: Pulse, before: Callable[[], None]) -> None:
        self._pulse = pulse
        self._before = before
        self.widget, self._ui = load_ui("ReviewFinish")
        self._finishing = Finishing(desk, start_run, self._show)
        self._ui.finishButton.connect("clicked()", self._start)
        self._ui.cancelFinishButton.connect("clicked()", self._cancel)
        pulse.add(self._finishing.look, lambda: self._finishing.is_running)
        self._show_idle(_("When the review is done: report, pictures, scene and DICOM files are written as reviewed."))

    @property
    def is_running(self) -> bool:
        """True while the case is being finished, and therefore not on the desk."""
        return self._finishing.is_running

    def close(self) -> None:
        """End what runs: the panel goes away."""
        self._finishing.close()

    def _start(self) -> None:
        self._before()
        attempt(self._finishing.start, self._show_idle)
        self._pulse.wake()

    def _cancel(self) -> None:
        self._ui.cancelFinishButton.setEnabled(False)
        self._finishing.cancel()

    def _show(self, state: FinishState) -> None:
        if state.is_running:
            self._show_running(state)
        else:
            self._show_idle(end_text(state))
        self._pulse.wake()

    def _show_running(self, state: FinishState) -> None:
        self._ui.finishLine.text = _("Finishing {case}: {message}").format(case=state.case, message=state.message)
        self._ui.finishProgress.setValue(round(self._ui.finishProgress.maximum * state.fraction))
        self._show_parts(is_running=True)

    def _show_idle(self, text: str) -> None:
        self._ui.finishLine.text = text
        self._ui.cancelFinishButton.setEnabled(True)
        self._show_parts(is_running=False)

    def _show_parts(self, *, is_running: bool) -> None:
        self._ui.finishButton.setVisible(not is_running)
        self._ui.finishProgress.setVisible(is_running)
        self._ui.cancelFinishButton.setVisible(is_running)


def end_text(state: FinishState) -> str:
    """Return in words how it ended."""
    if state.trouble is not None:
        return _("{case} could not be finished: {what} {what_to_do}").format(
            case=state.case, what=state.trouble.what, what_to_do=state.trouble.what_to_do
        )
    if state.was_cancelled:
        return _("Cancelled. The files of {case} are as they were.").format(case=state.case)
    return _("{case} is finished: report, pictures, scene and DICOM files are renewed.").format(case=state.case)
