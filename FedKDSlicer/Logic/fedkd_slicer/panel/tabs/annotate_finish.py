"""The end of a reading: what is still open, whether it is saved, and finishing it."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.i18n import tr as _

from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateFinish:
    """Comment, what is still open, and how saving goes.

    Args:
        desk: has the reading.
        actions: what can be refused.
        before: is to be done before a reading is finished or closed.
    """

    def __init__(self, desk: AnnotationDesk, actions: AnnotateActions, before: Callable[[], None]) -> None:
        self.widget, self._ui = load_ui("AnnotateFinish")
        self._desk, self._actions, self._before = desk, actions, before
        self._ui.readingComment.connect("editingFinished()", self._comment)
        self._ui.finishButton.connect("clicked()", self._finish)
        self._ui.saveAgainButton.connect("clicked()", desk.save_again)
        self._ui.closeReadingButton.connect("clicked()", self._close)
        self._ui.saveAgainButton.setVisible(False)
        self._has_failed = False

    def show(self, view: ReadingView) -> None:
        """Show what is still open."""
        still_open = view.state.open_labels
        text = _("Still open: {labels}. Until then it is a draft.").format(labels=", ".join(still_open))
        self._ui.stillOpen.text = (
            text if still_open else _("All seven landmarks are done. The reading can be finished.")
        )
        self._ui.finishButton.setEnabled(not still_open)
        self._ui.doubtLine.text = _("Is this right? {doubts}").format(doubts=" ".join(view.doubts))
        self._ui.doubtLine.setVisible(bool(view.doubts))
        self._ui.finishButton.text = _("It is right: finish") if view.doubts else _("Finish this reading")
        if not self._ui.readingComment.hasFocus():
            self._ui.readingComment.text = view.state.comment

    def show_saved(self, state: SaveState) -> None:
        """Show how saving goes."""
        self._has_failed = state.trouble is not None
        self._ui.saveAgainButton.setVisible(self._has_failed)
        if state.trouble is not None:
            text = _("NOT SAVED: {what} {what_to_do}").format(
                what=state.trouble.what, what_to_do=state.trouble.what_to_do
            )
        elif not state.is_saved:
            text = _("Saving...")
        elif state.saved_at is None:
            text = _("Nothing to save yet.")
        else:
            text = _("Draft saved {time}").format(time=state.saved_at.astimezone().strftime("%H:%M:%S"))
        self._ui.readingSaved.text = text

    def _finish(self) -> None:
        self._before()
        self._actions.finish()

    def _close(self) -> None:
        self._before()
        # A save that is under way is let through; one that failed is not repeated by closing.
        if not self._has_failed or slicer.util.confirmOkCancelDisplay(
            _("The newest steps are not saved, and would be lost."), _("Close the reading?")
        ):
            self._desk.close()

    def _comment(self) -> None:
        self._actions.comment(self._ui.readingComment.text)
