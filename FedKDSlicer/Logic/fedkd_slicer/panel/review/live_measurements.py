"""Measurements that follow the reader: the quick ones at every drag, all of them as soon as a drag has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fedkd_slicer.panel.engine.session_client import Answered, Failed, PointsLps
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.opened_case import FindingLine, Measured, MeasuredLine, OpenedCase


class Measures(Protocol):
    """A session that can measure."""

    def follow(self, points_lps_mm: PointsLps, answered: Answered, failed: Failed) -> None: ...
    def measure(self, points_lps_mm: PointsLps, threshold: str, answered: Answered, failed: Failed) -> None: ...


@dataclass(frozen=True)
class Measurements:
    """What is shown now.

    Args:
        lines: every measurement; those in ``stale`` belong to landmarks or a threshold of before.
        changed: keys of those that read otherwise than when the case was opened.
        stale: keys of those that are being measured.
        findings: what to look at twice.
        shapes: as shapes.json has them, LPS mm; None: there are none.
        calcification_file: with a segment for each part of the root; None: calcium could not be measured.
    """

    lines: tuple[MeasuredLine, ...]
    changed: frozenset[str]
    stale: frozenset[str]
    findings: tuple[FindingLine, ...]
    shapes: dict[str, Any] | None
    calcification_file: Path | None


class LiveMeasurements:
    """The measurements of the open case.

    Args:
        engine: the session.
        case: as it was opened.
        changed: is told what to show.
        failed: is told what went wrong.
    """

    def __init__(
        self, engine: Measures, case: OpenedCase, changed: Callable[[Measurements], None], failed: Failed
    ) -> None:
        self._engine = engine
        self._first = case.measured.by_key
        self._lines = dict(self._first)
        self._findings = case.measured.findings
        self._shapes = case.measured.shapes
        self._calcification: Path | None = case.calcification_file
        self._stale: frozenset[str] = frozenset()
        self._changed = changed
        self._failed = failed
        self._is_measuring = False
        self._next: tuple[PointsLps, str] | None = None
        # Answers come in another order than they were asked for, as quick ones wait for each other.
        self._asked = 0
        self._shown = 0

    def show(self) -> None:
        """Tell what to show now."""
        differing = {key for key, line in self._lines.items() if line != self._first.get(key)}
        self._changed(
            Measurements(
                lines=tuple(self._lines.values()),
                changed=frozenset(differing),
                stale=self._stale,
                findings=self._findings,
                shapes=self._shapes,
                calcification_file=self._calcification,
            )
        )

    def follow(self, points_lps_mm: PointsLps) -> None:
        """Measure what follows a drag; everything else is out of date until `measure` is answered."""
        self._ask_to_follow(points_lps_mm, self._failed)

    def measure(self, points_lps_mm: PointsLps, threshold: str) -> None:
        """Measure everything, as soon as what is being measured has been answered."""
        self._next = (points_lps_mm, threshold)
        self._stale = frozenset(self._lines)
        self.show()
        if not self._is_measuring:
            self._go_on()

    def measure_if_stale(self, points_lps_mm: PointsLps, threshold: str) -> None:
        """Measure where a drag that led nowhere has left numbers out of date."""
        if self._stale and not self._is_measuring:
            self.measure(points_lps_mm, threshold)

    def _go_on(self) -> None:
        if self._next is None:
            return
        (points, threshold), self._next = self._next, None
        self._is_measuring = True
        # Soon what can be had soon, then the rest.
        self._ask_to_follow(points, _nobody)
        self._asked += 1
        number = self._asked
        self._engine.measure(points, threshold, lambda answer: self._measured(number, answer), self._not_measured)

    def _ask_to_follow(self, points_lps_mm: PointsLps, failed: Failed) -> None:
        self._asked += 1
        number = self._asked
        self._engine.follow(points_lps_mm, lambda answer: self._followed(number, answer), failed)

    def _followed(self, number: int, answer: dict[str, Any]) -> None:
        if number < self._shown:
            return
        self._shown = number
        followed = Measured.read(answer)
        self._lines |= followed.by_key
        self._stale = frozenset(self._lines) - frozenset(followed.by_key)
        self._findings, self._shapes = followed.findings, followed.shapes
        self.show()

    def _measured(self, number: int, answer: dict[str, Any]) -> None:
        self._is_measuring = False
        if number < self._shown:  # a drag has begun meanwhile; its end is measured
            self._go_on()
            return
        self._shown = number
        measured = Measured.read(answer)
        self._lines = measured.by_key
        self._findings, self._shapes = measured.findings, measured.shapes
        file = answer["calcification_file"]
        self._calcification = None if file is None else Path(file)
        self._stale = frozenset() if self._next is None else frozenset(self._lines)
        self.show()
        self._go_on()

    def _not_measured(self, trouble: Trouble) -> None:
        self._is_measuring = False
        self._failed(trouble)
        self._go_on()


def _nobody(_: Trouble) -> None:
    """`measure` tells what went wrong."""
