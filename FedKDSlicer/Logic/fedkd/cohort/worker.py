"""The process that does the work: ``python -m fedkd.cohort.worker``.

One JSON request on stdin, JSON lines on stdout. It ends when stdin ends: then nobody waits for the result any more.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fedkd.cohort.case_line import CaseLine, Finish
from fedkd.cohort.case_run import RunFacts, Tools
from fedkd.cohort.finisher_process import FINISHER_COMMAND, FinisherProcess
from fedkd.cohort.finishing import finish_case
from fedkd.cohort.heart_finder import HeartFinder
from fedkd.cohort.line_pipe import Emit, claim_stdout, end_process_group
from fedkd.cohort.making import Makers
from fedkd.cohort.messages import LOADING_STAGE, CaseRequest, ErrorBody, ErrorLine, ProgressLine, RunError, RunRequest
from fedkd.cohort.predictor import LoadPredictor, NetworkPredictor
from fedkd.errors import FedkdError


@dataclass(frozen=True)
class Finishers:
    """What finishes cases: ``makers`` a single one in the worker itself, ``command`` many in a process of its own."""

    makers: Makers = field(default_factory=Makers)
    command: tuple[str, ...] = FINISHER_COMMAND


def main(load_predictor: LoadPredictor = NetworkPredictor, finishers: Finishers | None = None) -> None:
    """Serve one request. The arguments are for tests, which bring their own predictor and finishers."""
    faulthandler.enable()
    emit = claim_stdout()
    line = sys.stdin.buffer.readline()
    if not line:  # the supervisor was stopped before it could ask for anything
        return
    request = RunRequest.model_validate_json(line)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        facts = RunFacts.of(request, load_predictor.model_sha256(request))
        finishers = finishers or Finishers()
        if len(request.cases) == 1:
            finishers.makers.scene.get_ready()  # the model is loaded by one core: Slicer's core by another
        with _finish_by(finishers, request) as finish:
            CaseLine(facts, emit, _loader(request, load_predictor, emit), finish).run()
    except FedkdError as error:
        emit(ErrorLine(error=RunError(**ErrorBody.of(error).model_dump())).line())


@contextlib.contextmanager
def _finish_by(finishers: Finishers, request: RunRequest) -> Iterator[Finish]:
    if len(request.cases) == 1:
        yield lambda order, report: finish_case(order, finishers.makers, report)
        return
    with FinisherProcess(finishers.command) as process:
        yield process.finish


def _loader(request: RunRequest, load_predictor: LoadPredictor, emit: Emit) -> Callable[[CaseRequest], Tools]:
    def load(first: CaseRequest) -> Tools:
        progress = ProgressLine(case=first.case_id, stage=LOADING_STAGE, fraction=0.0, message="Loading the model")
        emit(progress.line())
        return Tools(load_predictor(request), HeartFinder(request.heart_mask, request.device))

    return load


def _end_with_stdin() -> None:
    """End this process and its children as soon as the supervisor is gone."""
    while os.read(0, 4096):
        pass
    end_process_group(os.getpid())


if __name__ == "__main__":
    main()
    # All is told and on disk. Taking apart what the network libraries keep would have the user wait for seconds.
    sys.stderr.flush()
    os._exit(0)
