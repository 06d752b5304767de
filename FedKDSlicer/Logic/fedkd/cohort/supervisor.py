"""Watch over the worker: pass on what it says, replace it when it dies, end it when asked, clear away after it.

Imports nothing heavy, so that it starts and ends at once.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fedkd.case.disk import make_output_folder
from fedkd.case.folder import clear_away, clear_away_dead_runs
from fedkd.case.layout import SUMMARY_FILE, CasePlace
from fedkd.cohort.failures import worker_death
from fedkd.cohort.messages import (
    LOADING_STAGE,
    READING_STAGE,
    AgainLine,
    CaseRequest,
    CaseResult,
    CaseResultLine,
    ErrorLine,
    ProgressLine,
    RunRequest,
)
from fedkd.cohort.summary import SummaryTable, require_own_summary
from fedkd.cohort.worker_process import WORKER_COMMAND, WorkerEnd, WorkerProcess
from fedkd.errors import ExitCode, FedkdError

_MOST_NAMES = 20


class View(Protocol):
    """Shows a run while it goes on."""

    def progress(self, line: ProgressLine) -> None:
        """Show how far a case is."""
        ...

    def case_ended(self, result: CaseResult) -> None:
        """Show how a case ended."""
        ...


@dataclass
class Supervisor:
    """One run.

    A worker has up to three cases in hand. When it dies, the one that killed it is not known: each is made again by a
    worker of its own, which can only die of that case. The same is done with cases that found too little memory or disk
    while others were in hand.

    Args:
        request: what is to be done.
        view: is told how it goes.
        worker_command: tests bring workers with predictors of their own.
        results: gets how each case ended, as soon as it has; always in the order of the request.
        first_worker: one that was started ahead of time and waits for its request; the caller ends it, too.
    """

    request: RunRequest
    view: View
    worker_command: tuple[str, ...] = WORKER_COMMAND
    results: list[CaseResult] = field(default_factory=list)
    first_worker: WorkerProcess | None = None
    _order: dict[str, int] = field(init=False)
    _summary: SummaryTable = field(init=False)
    _ended: set[str] = field(default_factory=set, init=False)
    _alone: list[CaseRequest] = field(default_factory=list, init=False)
    _in_hand: dict[str, CaseRequest] = field(default_factory=dict, init=False)
    _is_loading: bool = field(default=True, init=False)
    _model_is_good: bool = field(default=False, init=False)  # it was loaded, by this worker or one before

    def __post_init__(self) -> None:
        self._order = {case.case_id: number for number, case in enumerate(self.request.cases)}
        self._summary = SummaryTable(self.request.output)

    def run(self) -> None:
        """Work until every case has ended. Whatever exception ends it early, nothing half-written is left.

        Raises:
            FedkdError: the run as a whole failed, such as OUTPUT_NOT_WRITABLE or MODEL_INVALID.
        """
        make_output_folder(self.request.output)
        require_own_summary(self.request.output)
        clear_away_dead_runs(self.request.output, None if self.request.shard is None else self._order)
        while batch := self._next_batch():
            self._run_worker(batch)

    def _next_batch(self) -> tuple[CaseRequest, ...]:
        """Return one case that is to be made alone, or else all that have not ended."""
        if self._alone:
            return (self._alone.pop(0),)
        return tuple(case for case in self.request.cases if case.case_id not in self._ended)

    def _run_worker(self, batch: tuple[CaseRequest, ...]) -> None:
        """Let one worker do these cases until it is through or dead; a case ends, or is to be made alone.

        Raises:
            FedkdError: the worker died of something else than a case; another one would, too.
        """
        self._in_hand = {}
        self._is_loading = True
        try:
            request = self.request.model_copy(update={"cases": batch})
            with self._next_worker() as worker:
                worker.begin(request)
                for line in worker.lines():
                    self._take(line)
                end = worker.wait()
        finally:
            for case in batch:
                clear_away(self._place(case))
        left = [case for case in batch if case.case_id not in self._ended and case not in self._alone]
        if left:
            self._blame(left, len(batch), end)

    def _next_worker(self) -> WorkerProcess:
        waiting, self.first_worker = self.first_worker, None
        return waiting or WorkerProcess(self.worker_command)

    def _take(self, line: ProgressLine | CaseResultLine | AgainLine | ErrorLine) -> None:
        if isinstance(line, ErrorLine):
            raise line.error.as_error()
        if isinstance(line, ProgressLine):
            self._is_loading = line.stage == LOADING_STAGE
            self._model_is_good |= line.stage not in (LOADING_STAGE, READING_STAGE)
            if not self._is_loading:
                self._in_hand[line.case] = self._case(line.case)
            self.view.progress(line)
        elif isinstance(line, AgainLine):
            self._make_alone(self._case(line.again))
        else:
            self._is_loading = False
            self._end_case(line.case_result)

    def _blame(self, left: list[CaseRequest], cases_of_worker: int, end: WorkerEnd) -> None:
        """Settle what the worker died of: its only case, or one of those in hand."""
        if self._is_loading and not self._model_is_good:
            raise worker_death(end.status, end.last_words, self._place(left[0]).error_log)
        if cases_of_worker == 1:
            error = worker_death(end.status, end.last_words, self._place(left[0]).error_log)
            self._end_case(CaseResult.of_error(left[0].case_id, error))
            return
        # With none in hand it was about to take the first one left.
        for case in sorted(self._in_hand.values(), key=lambda case: self._order[case.case_id]) or left[:1]:
            self._make_alone(case)

    def _make_alone(self, case: CaseRequest) -> None:
        self._in_hand.pop(case.case_id, None)
        self._alone.append(case)
        again = "To be made again, alone: the program, memory or disk failed while several cases were in hand"
        self.view.progress(ProgressLine(case=case.case_id, stage="again", fraction=0.0, message=again))

    def _end_case(self, result: CaseResult) -> None:
        self._in_hand.pop(result.case, None)
        self._ended.add(result.case)
        bisect.insort(self.results, result, key=lambda one: self._order[one.case])
        self._summary.put(result)
        self.view.case_ended(result)

    def _case(self, case_id: str) -> CaseRequest:
        return self.request.cases[self._order[case_id]]

    def _place(self, case: CaseRequest) -> CasePlace:
        return CasePlace(self.request.output, case.case_id, self.request.run_token)


def error_of_run(results: list[CaseResult], output: Path) -> FedkdError | None:
    """Return the error the command ends with: a single case's own, SOME_CASES_FAILED of several, or None."""
    failed = [result for result in results if result.error is not None]
    if not failed:
        return None
    if len(results) == 1:
        assert failed[0].error is not None
        return failed[0].error.as_error()
    names = [result.case for result in failed[:_MOST_NAMES]]
    if len(failed) > len(names):
        names.append("...")
    return FedkdError(
        ExitCode.SOME_CASES_FAILED,
        f"{len(failed)} of {len(results)} cases failed: {', '.join(names)}.",
        where=output / SUMMARY_FILE,
        what_to_do="The summary says why; run the same command again for these cases.",
    )
