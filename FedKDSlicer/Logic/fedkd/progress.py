"""Progress as plain events, so that a terminal, a panel or a log can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ProgressEvent:
    """``stage`` is a short fixed word, ``fraction`` runs from 0 to 1 over the case, ``message`` is for people."""

    stage: str
    fraction: float
    message: str


Report = Callable[[ProgressEvent], None]


def silent(event: ProgressEvent) -> None:
    """Report to nobody."""


def part_of(report: Report, start: float, end: float) -> Report:
    """Return a reporter that maps fractions 0..1 into ``start..end`` of ``report``."""

    def scaled(event: ProgressEvent) -> None:
        report(ProgressEvent(event.stage, start + (end - start) * event.fraction, event.message))

    return scaled
