"""The engine of the observer's desk: started when it is needed, let go without waiting for it."""

from __future__ import annotations

from collections.abc import Callable

from fedkd_slicer.panel.annotate.engine import Engine, StartEngine
from fedkd_slicer.panel.engine.leaving import Leaving
from fedkd_slicer.panel.engine.session_client import Failed


class EngineAtHand:
    """At most one engine that is asked, and those that were let go and still write.

    Args:
        start: starts one.
        died: is told when it ended unasked.
    """

    def __init__(self, start: StartEngine, died: Failed) -> None:
        self._start = start
        self._died = died
        self._leaving = Leaving()
        self._waiting: dict[str, Callable[[], None]] = {}
        self.running: Engine | None = None

    @property
    def needs_look(self) -> bool:
        """True while `look` has to be called."""
        is_busy = self.running is not None and self.running.is_busy
        return is_busy or bool(self._waiting) or self._leaving.any_left

    def need(self) -> Engine:
        """Return the engine; start one where there is none."""
        if self.running is None:
            self.running = self._start(self._died)
        return self.running

    def once_free(self, what: str, ask: Callable[[], None]) -> None:
        """Ask as soon as none that was let go writes any more: what it writes may be what is asked for."""
        if self._leaving.any_left:
            self._waiting[what] = ask
        else:
            ask()

    def forget(self, what: str) -> None:
        """Do not ask that any more."""
        self._waiting.pop(what, None)

    def look(self) -> None:
        """Hear the engine; ask what waits."""
        if self._waiting and not self._leaving.any_left:
            waiting, self._waiting = self._waiting, {}
            for ask in waiting.values():
                ask()
        if self.running is not None:
            self.running.look()

    def let_go(self) -> None:
        """End the engine, after what it was asked for."""
        engine, self.running = self.running, None
        if engine is not None:
            engine.close()
            self._leaving.add(engine)

    def wait(self) -> None:
        """Wait until what was let go has ended: the panel goes away."""
        self._waiting.clear()
        self._leaving.wait()
