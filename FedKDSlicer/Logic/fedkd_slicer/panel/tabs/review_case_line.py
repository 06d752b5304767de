"""Which case is open, what placed its landmarks, what to do next, whether all is saved; undo and redo."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.export.as_reviewed import is_as_reviewed
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.review.state import ReviewState
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_next_step import next_step
from fedkd_slicer.panel.ui_files import load_ui


class ReviewCaseLine:
    """The head of the review; an onlooker of the desk.

    Args:
        actions: what the buttons do.
    """

    def __init__(self, actions: LandmarkActions) -> None:
        self._folder: Path | None = None
        self._state: ReviewState | None = None
        self._report_is_of_this_review = False
        self.widget, self._ui = load_ui("ReviewCaseLine")
        self._ui.undoButton.connect("clicked()", actions.undo)
        self._ui.redoButton.connect("clicked()", actions.redo)

    def case_opened(self, case: OpenedCase) -> None:
        """Show which it is."""
        self._folder = case.folder
        self._report_is_of_this_review = is_as_reviewed(case.folder)
        self._ui.caseName.text = _("Case {case}").format(case=case.case)
        model = case.model_id or _("none; the landmarks came from a file")
        self._ui.caseOrigin.text = "\n".join((_("Model: {model}").format(model=model), case.not_for_clinical_use))
        self._ui.saveLine.text = _("Every step is saved by itself.")

    def review_changed(self, review: Review) -> None:
        """Show what comes next, and what undo and redo would do."""
        self._state = review.state
        self._show_next()
        _offer(self._ui.undoButton, _("Undo"), review.undo_text)
        _offer(self._ui.redoButton, _("Redo"), review.redo_text)

    def measurements_changed(self, measurements: Measurements) -> None:
        """Shown elsewhere."""

    def save_state_changed(self, state: SaveState) -> None:
        """Show whether all is saved, or why not."""
        self._ui.saveLine.text = save_text(state)
        saved_in = self._folder if state.is_saved else None
        self._report_is_of_this_review = saved_in is not None and is_as_reviewed(saved_in)
        self._show_next()

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Nobody sees it."""
        self._folder, self._state = None, None

    def _show_next(self) -> None:
        if self._state is not None:
            self._ui.nextLine.text = next_step(self._state, self._report_is_of_this_review)


def save_text(state: SaveState) -> str:
    """Return in words whether all is saved."""
    at = "" if state.saved_at is None else _local_time(state.saved_at)
    if state.trouble is not None:
        what_to_do = f" {state.trouble.what_to_do}" if state.trouble.what_to_do else ""
        last = _(" Last saved at {time}.").format(time=at) if at else ""
        return _("NOT SAVED: {what}").format(what=state.trouble.what) + what_to_do + last
    if not state.is_saved:
        return _("Saving ...")
    return _("Saved {time}").format(time=at) if at else _("Saved")


def _local_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M")


def _offer(button: qt.QPushButton, name: str, what: str) -> None:
    button.setEnabled(bool(what))
    button.setText(f"{name}\n{what}" if what else name)
    button.setToolTip(what)  # the whole text, where the button is too narrow for it
