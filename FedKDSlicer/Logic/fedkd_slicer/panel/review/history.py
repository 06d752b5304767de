"""Undo and redo, and the record of what was done: going back is something that was done, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True)
class Event:
    """One thing that was done, in words."""

    utc: datetime
    reader: str
    action: str


@dataclass(frozen=True)
class _Step(Generic[State]):
    before: State
    after: State
    action: str


class History(Generic[State]):
    """The states of somebody's work, one after the other.

    Args:
        state: the one that it begins with.
        events: what was done before.
    """

    def __init__(self, state: State, events: tuple[Event, ...] = ()) -> None:
        self._state = state
        self._events = list(events)
        self._done: list[_Step[State]] = []
        self._undone: list[_Step[State]] = []

    @property
    def state(self) -> State:
        """The work as it is now."""
        return self._state

    @property
    def events(self) -> tuple[Event, ...]:
        """All that was done, oldest first."""
        return tuple(self._events)

    @property
    def undo_text(self) -> str:
        """What `undo` would take back; empty when there is nothing."""
        return self._done[-1].action if self._done else ""

    @property
    def redo_text(self) -> str:
        """What `redo` would do again; empty when there is nothing."""
        return self._undone[-1].action if self._undone else ""

    def do(self, after: State, action: str, reader: str) -> bool:
        """Go on to a new state; False, and nothing is noted, when it is the same as now."""
        if after == self._state:
            return False
        self._done.append(_Step(self._state, after, action))
        self._undone.clear()
        self._go(after, action, reader)
        return True

    def undo(self, reader: str) -> bool:
        """Go back one step; False when there is none."""
        if not self._done:
            return False
        step = self._done.pop()
        self._undone.append(step)
        self._go(step.before, f"Undid: {step.action}", reader)
        return True

    def redo(self, reader: str) -> bool:
        """Do again what was undone last; False when there is nothing."""
        if not self._undone:
            return False
        step = self._undone.pop()
        self._done.append(step)
        self._go(step.after, f"Did again: {step.action}", reader)
        return True

    def _go(self, state: State, action: str, reader: str) -> None:
        self._state = state
        self._events.append(Event(datetime.now(UTC), reader, action))
