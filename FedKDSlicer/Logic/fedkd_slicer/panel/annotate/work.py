"""What an observer does in an open reading: its states, the landmark at hand, and the time that each takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.state import ReadingState
from fedkd_slicer.panel.annotate.stopwatch import Stopwatch
from fedkd_slicer.panel.review.history import History


class Work:
    """The work on one reading.

    Args:
        reading: as it was opened.
        clock: seconds that never go back.
    """

    def __init__(self, reading: OpenedReading, clock: Callable[[], float]) -> None:
        self._history = History(reading.state)
        self._stopwatch = Stopwatch(reading.seconds, clock)
        self.current = ""
        self.turn_to(next(iter(reading.state.open_labels), LANDMARK_NAMES[0]))

    @property
    def state(self) -> ReadingState:
        """The reading as it is now."""
        return self._history.state

    @property
    def view(self) -> ReadingView:
        """The reading as it is shown."""
        return ReadingView(self.state, self.current, self._history.undo_text, self._history.redo_text)

    @property
    def next_label(self) -> str:
        """The next landmark of which nothing was said yet; with none left, the next one."""
        after = LANDMARK_NAMES.index(self.current) + 1
        in_turn = LANDMARK_NAMES[after:] + LANDMARK_NAMES[:after]
        return next((label for label in in_turn if label in self.state.open_labels), in_turn[0])

    def document(self, reading: OpenedReading) -> dict[str, Any]:
        """Return what is to be saved."""
        return reading.document(self.state, self._stopwatch.seconds)

    def turn_to(self, label: str) -> None:
        """Work on this landmark from now on."""
        self.current = label
        self._stopwatch.turn_to(label)

    def count_time(self, is_on: bool) -> None:
        """Let time count, or stand still."""
        if is_on:
            self._stopwatch.run()
        else:
            self._stopwatch.pause()

    def do(self, change: Callable[[ReadingState], ReadingState], action: str) -> bool:
        """Go on to a new state; False when it is the same."""
        return self._went(self.state, self._history.do(change(self.state), action, ""))

    def undo(self) -> bool:
        """Go back one step, and to the landmark that it changed."""
        return self._went(self.state, self._history.undo(""))

    def redo(self) -> bool:
        """Do again what was undone."""
        return self._went(self.state, self._history.redo(""))

    def _went(self, before: ReadingState, changed: bool) -> bool:
        label = before.changed_label(self.state)
        at_hand_is_same = before.landmark(self.current) == self.state.landmark(self.current)
        if label is not None and at_hand_is_same:
            self.turn_to(label)
        return changed
