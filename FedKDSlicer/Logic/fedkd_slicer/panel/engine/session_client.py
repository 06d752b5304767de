"""The other end of ``fedkd session``: what is asked, and who is told the answer.

Drags come faster than answers: one is under way at a time, and only the newest waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fedkd_slicer.panel.engine.json_lines_process import JsonLinesProcess, JsonObject
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.trouble import Trouble

PointsLps = Mapping[str, tuple[float, float, float]]
# A save that is under way is let through.
_PATIENCE_S, _PATIENCE_WHEN_BUSY_S = 0.5, 5.0
Answered = Callable[[JsonObject], None]
Failed = Callable[[Trouble], None]


@dataclass(frozen=True)
class _Waiting:
    answered: Answered
    failed: Failed


class SessionClient:
    """A session with one engine process. Nothing happens by itself: `look` is to be called every so often.

    Args:
        python: runs the engine.
        died: is told when the engine ended unasked; requests under way are told, too.
    """

    def __init__(self, python: EnginePython, died: Failed) -> None:
        self._died = died
        self._number = 0
        self._waiting: dict[int, _Waiting] = {}
        self._drag: int | None = None
        self._next_drag: tuple[PointsLps, _Waiting] | None = None
        self._process: JsonLinesProcess | None = None
        self._leaving: JsonLinesProcess | None = None
        try:
            self._process = JsonLinesProcess(python.command("session"), python.environment)
        except OSError as error:
            died(Trouble.of_start(error, python.program))

    @property
    def is_alive(self) -> bool:
        """False once the engine has ended."""
        return self._process is not None

    @property
    def is_busy(self) -> bool:
        """True while an answer is awaited."""
        return bool(self._waiting)

    def open_case(self, folder: Path, ct: Path | None, answered: Answered, failed: Failed) -> None:
        """Ask for a case; the answer has the fields of ``OpenedAnswer`` (session.schema.json)."""
        what = {"do": "open", "case": str(folder), "ct": None if ct is None else str(ct)}
        self.ask(what, answered, failed)

    def follow(self, points_lps_mm: PointsLps, answered: Answered, failed: Failed) -> None:
        """Ask what follows a drag (``FollowedAnswer``); of those that come meanwhile only the newest is asked for."""
        waiting = _Waiting(answered, failed)
        self._next_drag = (points_lps_mm, waiting)
        if self._drag is None:
            self._drag_on()

    def measure(self, points_lps_mm: PointsLps, threshold: str, answered: Answered, failed: Failed) -> None:
        """Ask for all measurements (``MeasuredAnswer``)."""
        what = {"do": "measure", "points_lps_mm": _plain(points_lps_mm), "calcium_threshold": threshold}
        self.ask(what, answered, failed)

    def save(self, review: JsonObject, answered: Answered, failed: Failed) -> None:
        """Save a review (``SavedAnswer``)."""
        self.ask({"do": "save", "review": review}, answered, failed)

    def ask(self, what: JsonObject, answered: Answered, failed: Failed) -> None:
        """Send a request of session.schema.json, without its id."""
        self._ask(what, _Waiting(answered, failed))

    def look(self) -> None:
        """Hear the answers, and tell those who asked."""
        process = self._process
        if process is None:
            return
        for line in process.heard():
            self._take(line)
        end = process.ended()
        if end is not None and self._process is process:
            self._process = None
            process.close()
            self._tell_death(Trouble.of_end(end))

    def close(self) -> None:
        """End the session, after what was asked for, without waiting (`is_gone`); whoever still waits is not told."""
        process, self._process = self._process, None
        patience_s = _PATIENCE_WHEN_BUSY_S if self.is_busy else _PATIENCE_S
        self._waiting.clear()
        if process is not None:
            process.let_go(patience_s)
            self._leaving = process

    @property
    def is_gone(self) -> bool:
        """True once the engine of a closed session has ended, and holds nothing any more."""
        if self._leaving is not None and self._leaving.is_gone:
            self._leaving = None
        return self._leaving is None

    def _ask(self, what: JsonObject, waiting: _Waiting) -> int:
        self._number += 1
        if self._process is None:
            waiting.failed(_GONE)
        else:
            self._waiting[self._number] = waiting
            self._process.say({"id": self._number, **what})
        return self._number

    def _take(self, line: JsonObject) -> None:
        number = line.get("id")
        waiting = self._waiting.pop(number, None) if isinstance(number, int) else None
        if number is not None and number == self._drag:
            self._drag = None
            self._drag_on()
        if waiting is None:
            return
        if "error" in line:
            waiting.failed(Trouble.told(line["error"]))
        else:
            waiting.answered(line)

    def _drag_on(self) -> None:
        if self._next_drag is not None:
            (points, waiting), self._next_drag = self._next_drag, None
            self._drag = self._ask({"do": "follow", "points_lps_mm": _plain(points)}, waiting)

    def _tell_death(self, trouble: Trouble) -> None:
        waiting, self._waiting = tuple(self._waiting.values()), {}
        self._drag, self._next_drag = None, None
        for one in waiting:
            one.failed(trouble)
        self._died(trouble)


def _plain(points_lps_mm: PointsLps) -> dict[str, list[float]]:
    return {label: [float(value) for value in position] for label, position in points_lps_mm.items()}


_GONE = Trouble("The engine is not running.", "engine", "Open the case again.")
