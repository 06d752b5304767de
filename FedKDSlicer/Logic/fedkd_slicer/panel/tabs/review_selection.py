"""Which landmark the reader is at."""

from __future__ import annotations

from collections.abc import Callable

from fedkd.anatomy import LANDMARK_NAMES

Listener = Callable[[str], None]


class Selection:
    """One of the seven."""

    def __init__(self) -> None:
        self._label = LANDMARK_NAMES[0]
        self._marks: list[Listener] = []
        self._visits: list[Listener] = []

    @property
    def label(self) -> str:
        """The landmark's name."""
        return self._label

    def on_mark(self, listener: Listener) -> None:
        """Have a function told which landmark to mark."""
        self._marks.append(listener)

    def on_visit(self, listener: Listener) -> None:
        """Have a function told which landmark to go to."""
        self._visits.append(listener)

    def mark(self, label: str) -> None:
        """Be at a landmark, with the views as they are: the reader has it in sight."""
        self._label = label
        for listener in tuple(self._marks):
            listener(label)

    def visit(self, label: str) -> None:
        """Be at a landmark and go there; once more when chosen again."""
        self.mark(label)
        for listener in tuple(self._visits):
            listener(label)

    def step(self, by: int) -> None:
        """Visit the landmark ``by`` further in their order, at most the last or first."""
        index = LANDMARK_NAMES.index(self._label) + by
        self.visit(LANDMARK_NAMES[max(0, min(index, len(LANDMARK_NAMES) - 1))])
