"""The stages of a case: each is told when it begins, and timed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping

from fedkd.progress import ProgressEvent, Report, part_of


class Stages:
    """Tells ``report`` of stages, and keeps how long each took.

    Args:
        report: is told of the case's progress, 0 to 1.
        seconds: of stages that are over.
    """

    def __init__(self, report: Report, seconds: Mapping[str, float] | None = None) -> None:
        self.report = report
        self.seconds = dict(seconds or {})

    @contextlib.contextmanager
    def stage(self, name: str, fraction: float, message: str) -> Iterator[None]:
        """Tell that a stage begins, and time it."""
        self.report(ProgressEvent(name, fraction, message))
        with self.timed(name):
            yield

    @contextlib.contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time a stage that tells of itself."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)

    def part(self, start: float, end: float) -> Report:
        """Return a reporter for a stage with a progress of its own."""
        return part_of(self.report, start, end)
