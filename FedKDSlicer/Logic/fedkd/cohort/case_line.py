"""Cases on their way through reading, networks and finishing: at most one at each place, so three in hand.

While a case is in the networks, the next one is read by a thread, and the one before is measured by another and then
finished by a process of its own: drawing holds Python's lock for seconds, networks and reading let it go. Networks stay
in the main thread, as their libraries keep threads and memory for each thread that calls them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from fedkd.cohort.case_run import CaseRun, RunFacts, Tools
from fedkd.cohort.ct_size import bytes_in_memory
from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.finisher_process import FinisherDeathError
from fedkd.cohort.line_pipe import Emit, reporter
from fedkd.cohort.memory_room import MemoryRoom
from fedkd.cohort.messages import AgainLine, CaseRequest, CaseResult, CaseResultLine, FinishOrder
from fedkd.errors import ExitCode
from fedkd.progress import Report

Finish = Callable[[FinishOrder, Report], CaseResult]

# What may go well when no other case takes memory or room on the disk.
_MAY_FIT_ALONE = (ExitCode.OUT_OF_MEMORY, ExitCode.DISK_FULL)


@dataclass
class CaseLine:
    """All cases of one request.

    Args:
        facts: what is known before a model is loaded.
        emit: is told of progress and of how each case ends.
        load: loads the model; called in the main thread when a first case needs it.
        finish: does what is left of a case whose CT is out of memory.
        room: says when memory suffices for one more case.
    """

    facts: RunFacts
    emit: Emit
    load: Callable[[CaseRequest], Tools]
    finish: Finish
    room: MemoryRoom = field(default_factory=MemoryRoom)
    _in_hand: set[str] = field(default_factory=set, init=False)  # whose CT was read
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def run(self) -> None:
        """Work until every case has ended.

        Raises:
            FedkdError: the model cannot be loaded.
        """
        waiting = self._taken(self.facts.request.cases)
        first = next(waiting, None)
        if first is None:
            return
        with ThreadPoolExecutor(1, "reading") as reading, ThreadPoolExecutor(1, "finishing") as finishing:
            tools, run = self._begin(first, waiting, reading)
            behind: Future[None] = finishing.submit(lambda: None)
            while run is not None:
                ahead = reading.submit(self._read_next, None, waiting)
                self.room.wait_to_predict(run.ct_bytes, lambda before=behind: not before.done())  # type: ignore[misc]
                predicted = self._step(run, lambda now=run: now.predict(tools))  # type: ignore[misc]
                behind.result()
                if predicted:
                    behind = finishing.submit(self._finish, run)
                run = ahead.result()
            behind.result()

    def _begin(
        self, first: CaseRun, waiting: Iterator[CaseRun], reading: ThreadPoolExecutor
    ) -> tuple[Tools, CaseRun | None]:
        """Load the model and read the first CT: a single one meanwhile.

        Of many, the model comes first, so that a death tells whether it was the model's or a CT's.
        """
        if self._is_one_of_many:
            return self.load(first.case), self._read_next(first, waiting)
        first_read = reading.submit(self._read_next, first, waiting)
        return self.load(first.case), first_read.result()

    def _taken(self, cases: Iterable[CaseRequest]) -> Iterator[CaseRun]:
        """Yield the cases that have work, each when the one before was read; those that have none end at once."""
        for case in cases:
            run = CaseRun(case, self.facts, reporter(case.case_id, self.emit))
            if self._step(run, run.take) and (not run.may_be_finished or self._read(run)):
                yield run

    def _read_next(self, run: CaseRun | None, waiting: Iterator[CaseRun]) -> CaseRun | None:
        """Read the CT of ``run``, or of the first one waiting, or the next whose CT can be read; None: none is left."""
        while (run := run or next(waiting, None)) is not None:
            if run.is_read or self._read(run):
                return run
            run = None
        return None

    def _read(self, run: CaseRun) -> bool:
        with self._lock:
            others = bool(self._in_hand)
        if others:
            self.room.wait_to_read(bytes_in_memory(run.case.path), self._any_in_hand)
        with self._lock:
            self._in_hand.add(run.case.case_id)
        return self._step(run, run.read)

    def _any_in_hand(self) -> bool:
        with self._lock:
            return bool(self._in_hand)

    def _finish(self, run: CaseRun) -> None:
        def finish() -> CaseResult:
            order = run.measure()
            result = self._finish_order(run, order)
            if result.status == "done":
                run.remember_ct()
            return result

        self._step(run, finish)

    def _finish_order(self, run: CaseRun, order: FinishOrder) -> CaseResult:
        with run.at_work():
            return self.finish(order, run.report)

    def _step(self, run: CaseRun, step: Callable[[], CaseResult | None]) -> bool:
        """Do a step; False when the case has ended with it."""
        try:
            result = step()
            if result is None:
                return True
        except FinisherDeathError:
            self._end(run)
            self.emit(AgainLine(again=run.case.case_id).line())
            return False
        except Exception as error:  # noqa: BLE001 - one case must not end the others
            log = run.place.error_log
            result = CaseResult.of_error(run.case.case_id, as_fedkd_error(error, run.place.output, log))
        self._end(run)
        if self._is_one_of_many and result.exit_code in _MAY_FIT_ALONE:
            self.emit(AgainLine(again=run.case.case_id).line())
        else:
            result = result.model_copy(update={"seconds": round(run.seconds, 2)})
            self.emit(CaseResultLine(case_result=result).line())
        return False

    def _end(self, run: CaseRun) -> None:
        run.close()
        with self._lock:
            self._in_hand.discard(run.case.case_id)

    @property
    def _is_one_of_many(self) -> bool:
        return len(self.facts.request.cases) > 1
