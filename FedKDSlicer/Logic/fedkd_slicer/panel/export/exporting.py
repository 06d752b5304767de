"""Exports cases one after the other, and keeps account of each: exported, or not and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import FedkdError
from fedkd_slicer.panel.export.as_reviewed import is_as_reviewed
from fedkd_slicer.panel.export.copy_case import copying_case
from fedkd_slicer.panel.worklist.case_lines import CaseState, state_on_disk

# Longer than this nobody waits for a panel; shorter, and copying takes forever.
_SLICE_S = 0.02


@dataclass(frozen=True)
class ExportOrder:
    """What is to be exported.

    Args:
        cases: case folders.
        target: gets a copy of each.
        states: cases of these states are wanted, others are left out.
    """

    cases: tuple[Path, ...]
    target: Path
    states: frozenset[CaseState]


@dataclass(frozen=True)
class CaseOutcome:
    """``state``: how the case was decided; ``why_not``: why it was not exported, as a sentence; empty: it was."""

    case: str
    state: CaseState | None
    why_not: str = ""


@dataclass(frozen=True)
class ExportState:
    """``outcomes``: of the cases that were dealt with; ``is_running``: there are more."""

    order: ExportOrder
    outcomes: tuple[CaseOutcome, ...]
    is_running: bool

    @property
    def exported(self) -> int:
        """How many cases were exported."""
        return sum(not outcome.why_not for outcome in self.outcomes)


class Exporting:
    """One export at a time.

    Args:
        changed: is told how it goes.
    """

    def __init__(self, changed: Callable[[ExportState], None]) -> None:
        self._changed = changed
        self._work: Generator[ExportState, None, None] | None = None
        self._last: ExportState | None = None

    @property
    def is_running(self) -> bool:
        """True while there is something to copy: `look` has to be called."""
        return self._work is not None

    def start(self, order: ExportOrder) -> None:
        """Begin; an export under way is ended."""
        self.close()
        self._last = ExportState(order, (), is_running=True)
        self._work = _exporting(order)
        self._changed(self._last)

    def look(self) -> None:
        """Copy for a moment."""
        until = time.monotonic() + _SLICE_S
        while self._work is not None and time.monotonic() < until:
            state = next(self._work)
            if not state.is_running:
                self._work = None
            if state != self._last:
                self._last = state
                self._changed(state)

    def cancel(self) -> None:
        """Stop; the case that is being copied is not exported, those before are."""
        last = self._last
        if self._work is None or last is None:
            return
        self.close()
        left = tuple(
            CaseOutcome(folder.name, state_on_disk(folder), "The export was cancelled.")
            for folder in last.order.cases[len(last.outcomes) :]
        )
        self._last = ExportState(last.order, (*last.outcomes, *left), is_running=False)
        self._changed(self._last)

    def close(self) -> None:
        """Stop at once, without a word: the panel goes away."""
        work, self._work = self._work, None
        if work is not None:
            work.close()


def why_not(folder: Path, states: frozenset[CaseState]) -> str:
    """Return why a case is not to be exported, as a sentence; empty: it is."""
    state = state_on_disk(folder)
    if state is None:
        return "It is no finished case."
    if state not in states:
        return {
            CaseState.REJECTED: "It was rejected.",
            CaseState.DONE: "It was not accepted yet.",
        }.get(state, "It was left out.")
    if not is_as_reviewed(folder):
        return "Its report is older than its review. Open it and finish it first."
    return ""


def _exporting(order: ExportOrder) -> Generator[ExportState, None, None]:
    outcomes: tuple[CaseOutcome, ...] = ()
    for folder in order.cases:
        reason = why_not(folder, order.states)
        if not reason:
            try:
                for _ in copying_case(folder, order.target):
                    yield ExportState(order, outcomes, is_running=True)
            except FedkdError as error:
                reason = f"{error.what} {error.what_to_do}"
        outcomes = (*outcomes, CaseOutcome(folder.name, state_on_disk(folder), reason))
        yield ExportState(order, outcomes, is_running=True)
    yield ExportState(order, outcomes, is_running=False)
