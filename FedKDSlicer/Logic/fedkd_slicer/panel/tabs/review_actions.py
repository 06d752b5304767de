"""What the reader does to the selected landmark; buttons and keys share it."""

from __future__ import annotations

from collections.abc import Callable

from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.tabs.review_protocols import PlacedPoints
from fedkd_slicer.panel.tabs.review_says import Says, attempt
from fedkd_slicer.panel.tabs.review_selection import Selection


class LandmarkActions:
    """Acts on the selected landmark of the open case; what is not allowed is said in one line.

    Args:
        desk: has the open case.
        selection: the landmark.
        points: places landmarks by a click.
        says: shows the line.
    """

    def __init__(self, desk: Desk, selection: Selection, points: PlacedPoints, says: Says) -> None:
        self._desk = desk
        self._selection = selection
        self._points = points
        self._says = says

    def toggle_accepted(self) -> None:
        """Accept the landmark, or unlock it."""
        self._attempt(lambda: self._desk.toggle_accepted(self._selection.label))

    def place(self) -> None:
        """Let the next click in a view place the landmark; once more: leave it where it is."""
        self._attempt(self._place)

    def remove(self) -> None:
        """Take the landmark's position away."""
        self._attempt(lambda: self._desk.remove(self._selection.label))

    def undo(self) -> None:
        """Go back one step."""
        self._attempt(self._desk.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        self._attempt(self._desk.redo)

    def _place(self) -> None:
        label = self._selection.label
        if self._points.placing == label:
            self._points.stop_placing()
            return
        assert self._desk.state is not None
        self._desk.state.require_unlocked(label)
        self._points.start_placing(label)

    def _attempt(self, action: Callable[[], None]) -> None:
        if self._desk.case is not None:
            attempt(action, self._says)
