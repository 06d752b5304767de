"""Waits until the reader's hand rests: a slider passes through many numbers, a comment through many words."""

from __future__ import annotations

import time
from collections.abc import Callable

from fedkd_slicer.panel.pulse import Pulse


class AtRest:
    """Does something once nothing has been wanted for a while.

    Args:
        pulse: looks whether it is time.
        seconds: how long the hand has to rest.
        work: is handed what was wanted last.
    """

    def __init__(self, pulse: Pulse, seconds: float, work: Callable[[str], None]) -> None:
        self._pulse = pulse
        self._seconds = seconds
        self._work = work
        self._wanted: str | None = None
        self._wanted_at = 0.0
        pulse.add(self._look, lambda: self.is_waiting)

    @property
    def is_waiting(self) -> bool:
        """True while something is wanted that was not done."""
        return self._wanted is not None

    def want(self, text: str) -> None:
        """Do it soon, unless something else is wanted before."""
        self._wanted, self._wanted_at = text, time.monotonic()
        self._pulse.wake()

    def now(self) -> None:
        """Do at once what is wanted."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._work(wanted)

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._wanted = None

    def _look(self) -> None:
        if time.monotonic() - self._wanted_at >= self._seconds:
            self.now()
