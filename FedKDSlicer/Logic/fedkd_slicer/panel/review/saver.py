"""Saves a review at every step: one save at a time, the newest state last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fedkd_slicer.panel.engine.session_client import Answered, Failed
from fedkd_slicer.panel.engine.trouble import Trouble


class Saves(Protocol):
    """A session that can save."""

    def save(self, review: dict[str, Any], answered: Answered, failed: Failed) -> None: ...


@dataclass(frozen=True)
class SaveState:
    """``saved_at``: when it was saved last; ``trouble``: why it could not be."""

    is_saved: bool = True
    saved_at: datetime | None = None
    trouble: Trouble | None = None


class Saver:
    """Saves to one session.

    Args:
        engine: the session.
        changed: is told how saving goes.
    """

    def __init__(self, engine: Saves, changed: Callable[[SaveState], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._is_saving = False
        self._next: dict[str, Any] | None = None
        self.state = SaveState()

    def save(self, document: dict[str, Any]) -> None:
        """Save, as soon as the save that is under way has ended."""
        self._next = document
        self._be(SaveState(is_saved=False, saved_at=self.state.saved_at))
        if not self._is_saving:
            self._go_on()

    def _go_on(self) -> None:
        document, self._next = self._next, None
        if document is None:
            return
        self._is_saving = True
        self._engine.save(document, self._saved, self._failed)

    def _saved(self, answer: dict[str, Any]) -> None:
        self._is_saving = False
        at = datetime.fromisoformat(answer["saved"]["saved_utc"].replace("Z", "+00:00"))
        self._be(SaveState(is_saved=self._next is None, saved_at=at))
        self._go_on()

    def _failed(self, trouble: Trouble) -> None:
        self._is_saving = False
        self._be(SaveState(is_saved=False, saved_at=self.state.saved_at, trouble=trouble))
        self._go_on()

    def _be(self, state: SaveState) -> None:
        self.state = state
        self._changed(state)
