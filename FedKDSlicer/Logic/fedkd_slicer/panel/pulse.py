"""The panel's one timer. What works in other processes is looked at by it; while nothing does, it stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import qt

_INTERVAL_MS = 30


@dataclass(frozen=True)
class _Work:
    look: Callable[[], None]
    goes_on: Callable[[], bool]


class Pulse:
    """Looks after all work every few hundredths of a second.

    Args:
        parent: the QObject that the timer belongs to.
    """

    def __init__(self, parent: qt.QObject) -> None:
        self._works: list[_Work] = []
        self._timer = qt.QTimer(parent)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.connect("timeout()", self._beat)

    def add(self, look: Callable[[], None], goes_on: Callable[[], bool]) -> None:
        """Have ``look`` called as long as ``goes_on()``; whoever begins such work calls `wake`."""
        self._works.append(_Work(look, goes_on))

    def wake(self) -> None:
        """Something has begun."""
        self._timer.start()

    def stop(self) -> None:
        """Stand still for good: the panel goes away."""
        self._works.clear()
        self._timer.stop()

    def _beat(self) -> None:
        working = [work for work in self._works if work.goes_on()]
        for work in working:
            work.look()
        if not any(work.goes_on() for work in self._works):
            self._timer.stop()
