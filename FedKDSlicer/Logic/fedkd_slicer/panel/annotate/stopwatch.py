"""How long an observer worked on each landmark."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


class Stopwatch:
    """Seconds for each landmark. It counts for one landmark at a time, and only while it runs.

    Args:
        seconds: what was counted before, label -> seconds.
        clock: seconds that never go back; tests bring their own.
    """

    def __init__(self, seconds: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        self._counted = dict(seconds)
        self._clock = clock
        self._label = ""
        self._since: float | None = None

    @property
    def seconds(self) -> dict[str, float]:
        """Label -> seconds until now."""
        self._count()
        return dict(self._counted)

    def turn_to(self, label: str) -> None:
        """Count for this landmark from now on."""
        self._count()
        self._label = label

    def run(self) -> None:
        """Count from now on."""
        if self._since is None:
            self._since = self._clock()

    def pause(self) -> None:
        """Count no more."""
        self._count()
        self._since = None

    def _count(self) -> None:
        if self._since is None:
            return
        now = self._clock()
        if self._label:
            self._counted[self._label] = self._counted.get(self._label, 0.0) + now - self._since
        self._since = now
