"""Watch over the worker: pass on what it says, replace it when it dies, end it when asked, clear away after it.

Imports nothing heavy, so that it starts and ends at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fedkd.case.disk import make_output_folder
from fedkd.case.folder import clear_away, clear_away_dead_runs
from fedkd.case.layout import SUMMARY_FILE, CasePlace
from fedkd.cohort.failures import worker_death
from fedkd.cohort.messages import (
    LOADING_STAGE,
    CaseRequest,
    CaseResult,
    CaseResultLine,
    ErrorBody,
    ErrorLine,
    ProgressLine,
    RunRequest,
)
from fedkd.cohort.summary import require_own_summary, update_summary
from fedkd.cohort.worker_process import WORKER_COMMAND, WorkerEnd, WorkerProcess
from fedkd.errors import ExitCode, FedkdError


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

    Args:
        request: what is to be done.
        view: is told how it goes.
        worker_command: tests bring workers with predictors of their own.
        results: gets how each case ended, in the order of the request, as soon as it has.
    """

    request: RunRequest
    view: View
    worker_command: tuple[str, ...] = WORKER_COMMAND
    results: list[CaseResult] = field(default_factory=list)
    _case_begun: bool = field(default=False, init=False)

    def run(self) -> None:
        """Work until every case has ended. Whatever exception ends it early, nothing half-written is left.

        Raises:
            FedkdError: the run as a whole failed, such as OUTPUT_NOT_WRITABLE or MODEL_INVALID.
        """
        make_output_folder(self.request.output)
        require_own_summary(self.request.output)
        clear_away_dead_runs(self.request.output)
        while pending := self.request.cases[len(self.results) :]:
            self._run_worker(pending)

    def _run_worker(self, pending: tuple[CaseRequest, ...]) -> None:
        """Let one worker do the pending cases until it is through or dead; at least one case ends.

        Raises:
            FedkdError: the worker could not even begin with a case; another one would not either.
        """
        before = len(self.results)
        self._case_begun = False
        try:
            request = self.request.model_copy(update={"cases": pending})
            with WorkerProcess(self.worker_command, request) as worker:
                for line in worker.lines():
                    self._take(line)
                end = worker.wait()
        finally:
            for case in pending:
                clear_away(self._place(case))
        ended = len(self.results) - before
        if ended < len(pending):
            self._blame(pending[ended], end)

    def _take(self, line: ProgressLine | CaseResultLine | ErrorLine) -> None:
        if isinstance(line, ErrorLine):
            raise line.error.as_error()
        if isinstance(line, ProgressLine):
            self._case_begun |= line.stage != LOADING_STAGE
            self.view.progress(line)
        else:
            self._end_case(line.case_result)

    def _blame(self, case: CaseRequest, end: WorkerEnd) -> None:
        """The first case without a result is the one the worker died of."""
        error = worker_death(end.status, end.last_words, self._place(case).error_log)
        if not self._case_begun:
            raise error
        self._end_case(CaseResult(case=case.case_id, status="failed", message=error.what, error=ErrorBody.of(error)))

    def _end_case(self, result: CaseResult) -> None:
        self.results.append(result)
        update_summary(self.request.output, result)
        self.view.case_ended(result)

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
    return FedkdError(
        ExitCode.SOME_CASES_FAILED,
        f"{len(failed)} of {len(results)} cases failed: {', '.join(result.case for result in failed)}.",
        where=output / SUMMARY_FILE,
        what_to_do="The summary says why; run the same command again for these cases.",
    )
