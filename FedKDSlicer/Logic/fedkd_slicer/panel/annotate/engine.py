"""What the observer's desk asks of the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from fedkd_slicer.panel.engine.reading_client import CaseToRead, Study
from fedkd_slicer.panel.engine.session_client import Answered, Failed


class Engine(Protocol):
    """A session with the engine: `ReadingClient`."""

    @property
    def is_busy(self) -> bool: ...
    def list_cases(self, study: Study, answered: Answered, failed: Failed) -> None: ...
    def open_reading(
        self, study: Study, case: CaseToRead, protocol_version: str, answered: Answered, failed: Failed
    ) -> None: ...
    def save_reading(self, reading: dict[str, Any], answered: Answered, failed: Failed) -> None: ...
    def finish_reading(self, reading: dict[str, Any], answered: Answered, failed: Failed) -> None: ...
    def import_points(self, path: Path, order: tuple[str, ...], answered: Answered, failed: Failed) -> None: ...
    def look(self) -> None: ...
    def close(self) -> None: ...
    @property
    def is_gone(self) -> bool: ...


class StartEngine(Protocol):
    """Starts a session; ``died`` is told when it ends unasked."""

    def __call__(self, died: Failed) -> Engine: ...


class SavesReadings:
    """The session as a `Saver` sees it.

    Args:
        engine: the session.
        doubted: is told with each save what speaks for exchanged points.
    """

    def __init__(self, engine: Engine, doubted: Callable[[tuple[str, ...]], None]) -> None:
        self._engine = engine
        self._doubted = doubted

    def save(self, document: dict[str, Any], answered: Answered, failed: Failed) -> None:
        """Save the draft."""

        def saved(answer: dict[str, Any]) -> None:
            self._doubted(tuple(answer.get("doubts", ())))
            answered({"saved": answer["saved_reading"]})

        self._engine.save_reading(document, saved, failed)
