"""Engines that were let go: each does what it was asked, gives its case up, and ends. Nobody waits for that."""

from __future__ import annotations

import time
from typing import Protocol

_LOOK_EVERY_S = 0.01


class Leaves(Protocol):
    """A session that was closed: `SessionClient`."""

    @property
    def is_gone(self) -> bool: ...


class Leaving:
    """Those that have not ended yet. A case that one of them holds cannot be opened by another before."""

    def __init__(self) -> None:
        self._engines: list[Leaves] = []

    def add(self, engine: Leaves) -> None:
        """Have an eye on one more."""
        self._engines.append(engine)

    @property
    def any_left(self) -> bool:
        """False once all have ended; to be asked every so often until then."""
        self._engines = [engine for engine in self._engines if not engine.is_gone]
        return bool(self._engines)

    def wait(self) -> None:
        """Wait until all have ended, some seconds at most: the panel goes away, and nothing may be left running."""
        while self.any_left:
            time.sleep(_LOOK_EVERY_S)
