"""Which landmark the reader is at."""

from __future__ import annotations

from collections.abc import Callable

from fedkd.anatomy import LANDMARK_NAMES


class Selection:
    """One of the seven. Choosing it again counts, too: the reader wants to go there again."""

    def __init__(self) -> None:
        self._label = LANDMARK_NAMES[0]
        self._listeners: list[Callable[[str], None]] = []

    @property
    def label(self) -> str:
        """The landmark's name."""
        return self._label

    def add(self, listener: Callable[[str], None]) -> None:
        """Have a function told what was chosen from now on."""
        self._listeners.append(listener)

    def choose(self, label: str) -> None:
        """Go to a landmark."""
        self._label = label
        for listener in tuple(self._listeners):
            listener(label)

    def step(self, by: int) -> None:
        """Go ``by`` landmarks on in their order, and no further than its ends."""
        index = LANDMARK_NAMES.index(self._label) + by
        self.choose(LANDMARK_NAMES[max(0, min(index, len(LANDMARK_NAMES) - 1))])
