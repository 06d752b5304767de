"""The section "Review": what is shown of the case that is open, and why one could not be opened."""

from __future__ import annotations

from collections.abc import Callable

import qt

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox


class PredictReview:
    """An onlooker of the desk.

    Args:
        hint: the label that is shown while no case is open.
        changed: is told that another case, or none, is open, or that a reader has decided.
    """

    def __init__(self, hint: qt.QLabel, changed: Callable[[], None]) -> None:
        self.trouble = TroubleBox()
        self._hint = hint
        self._changed = changed

    def case_opened(self, case: OpenedCase) -> None:
        """Make room for it."""
        self._hint.hide()
        self.trouble.clear()
        self._changed()

    def review_changed(self, review: Review) -> None:
        """The list of cases shows what was decided, as soon as it is saved."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Others show them."""

    def save_state_changed(self, state: SaveState) -> None:
        """What was decided is on disk."""
        if state.is_saved:
            self._changed()

    def troubled(self, trouble: Trouble) -> None:
        """Say what went wrong."""
        self.trouble.show(trouble)

    def case_closed(self) -> None:
        """Say how one is opened."""
        self._hint.show()
        self._changed()
