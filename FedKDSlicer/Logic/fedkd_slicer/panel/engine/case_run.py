"""``fedkd predict`` or ``fedkd measure`` on one or many cases, as the panel follows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedkd.plain_text import printable
from fedkd_slicer.panel.engine.json_lines_process import JsonLinesProcess, JsonObject
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.trouble import Trouble

_ENDED = ("done", "skipped", "failed")
_PATIENCE_AFTER_CANCEL_S = 5.0


@dataclass(frozen=True)
class Progress:
    """How far a case is; ``fraction`` 0 to 1. ``stage`` done, skipped or failed: it has ended."""

    case: str
    stage: str
    fraction: float
    message: str

    @property
    def has_ended(self) -> bool:
        """True for the last word on a case."""
        return self.stage in _ENDED


class RunListener(Protocol):
    """Is told how a run goes, from within `CaseRun.look`."""

    def progressed(self, progress: Progress) -> None:
        """Show how far a case is, or that it has ended."""
        ...

    def case_failed(self, case: str, trouble: Trouble) -> None:
        """Why a case failed; comes before `failed`."""
        ...

    def succeeded(self, case_folders: tuple[Path, ...]) -> None:
        """All cases are done or were already."""
        ...

    def failed(self, trouble: Trouble) -> None:
        """The run, or one of its cases, failed; `progressed` has told of those that are done."""
        ...

    def cancelled(self) -> None:
        """It was cancelled, and is gone."""
        ...


class CaseRun:
    """A run. Nothing happens by itself: `look` is to be called every so often until `is_over`.

    Args:
        python: runs the engine.
        arguments: of ``fedkd``, without ``--progress``.
        listener: is told.
    """

    def __init__(self, python: EnginePython, arguments: tuple[str, ...], listener: RunListener) -> None:
        self._listener = listener
        self._last: JsonObject = {}
        self._cancelled_at: float | None = None
        self._process: JsonLinesProcess | None = None
        self.is_over = False
        try:
            self._process = JsonLinesProcess(python.command(*arguments, "--progress", "json"), python.environment)
        except OSError as error:
            self.is_over = True
            listener.failed(Trouble.of_start(error, python.program))

    def look(self) -> None:
        """Hear what the engine said, and tell the listener."""
        if self._process is None or self.is_over:
            return
        for line in self._process.heard():
            self._take(line)
        if self._cancelled_at is not None and time.monotonic() - self._cancelled_at > _PATIENCE_AFTER_CANCEL_S:
            self._process.kill()
        end = self._process.ended()
        if end is not None:
            self.is_over = True
            self._process.close()
            self._tell_end(Trouble.of_end(end))

    def cancel(self) -> None:
        """Ask the engine to clear away and end; it is killed when that takes long."""
        if self._process is not None and not self.is_over and self._cancelled_at is None:
            self._cancelled_at = time.monotonic()
            self._process.ask_to_end()

    def close(self) -> None:
        """End it at once, without a word to the listener: the panel goes away."""
        if self._process is not None and not self.is_over:
            self.is_over = True
            self._process.close()

    def _take(self, line: JsonObject) -> None:
        if "result" in line or "error" in line:
            self._last = line
            return
        try:
            told = Progress(
                str(line["case"]), str(line["stage"]), float(line["fraction"]), printable(str(line["message"]))
            )
        except (KeyError, TypeError, ValueError):
            return  # a line of another version: not worth stopping for
        self._listener.progressed(told)

    def _tell_end(self, silent_end: Trouble) -> None:
        if "result" in self._last:
            cases = self._last["result"].get("cases", ())
            self._listener.succeeded(tuple(Path(case["folder"]) for case in cases if case.get("folder")))
        elif self._cancelled_at is not None:
            self._listener.cancelled()
        elif "error" in self._last:
            self._tell_failed_cases(self._last["error"].get("cases", ()))
            self._listener.failed(Trouble.told(self._last["error"]))
        else:
            self._listener.failed(silent_end)

    def _tell_failed_cases(self, cases: Iterable[JsonObject]) -> None:
        for case in cases:
            if case.get("error"):
                self._listener.case_failed(str(case["case"]), Trouble.told(case["error"]))


class TimeLeft:
    """Guesses how long a run still takes, from how long it took so far. ``clock``: seconds; tests bring their own."""

    def __init__(self, cases: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._cases = cases
        self._clock = clock
        self._started = clock()
        self._fractions: dict[str, float] = {}

    def seconds(self, progress: Progress) -> float | None:
        """Return the seconds left; None while too little is done to say."""
        done = 1.0 if progress.has_ended else progress.fraction
        self._fractions[progress.case] = max(done, self._fractions.get(progress.case, 0.0))
        share = sum(self._fractions.values()) / max(self._cases, 1)
        if share < 0.05:
            return None
        return (self._clock() - self._started) * (1 - share) / share
