"""The process that does the work: ``python -m fedkd.cohort.worker``.

One JSON request on stdin, JSON lines on stdout. It ends when stdin ends: then nobody waits for the result any more.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from fedkd.case.layout import CasePlace
from fedkd.cohort.case_run import CaseRun, Tools
from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.heart_finder import HeartFinder
from fedkd.cohort.making import Makers
from fedkd.cohort.messages import (
    LOADING_STAGE,
    CaseRequest,
    CaseResult,
    CaseResultLine,
    ErrorBody,
    ErrorLine,
    ProgressLine,
    RunError,
    RunRequest,
)
from fedkd.cohort.predictor import LoadPredictor, NetworkPredictor
from fedkd.errors import FedkdError
from fedkd.progress import ProgressEvent, Report

Emit = Callable[[str], None]


def main(load_predictor: LoadPredictor = NetworkPredictor, makers: Makers | None = None) -> None:
    """Serve one request. The arguments are for tests, which bring their own predictor and makers."""
    faulthandler.enable()
    emit = _line_writer(_claim_stdout())
    line = sys.stdin.buffer.readline()
    if not line:  # the supervisor was stopped before it could ask for anything
        return
    request = RunRequest.model_validate_json(line)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    first = request.cases[0].case_id
    emit(ProgressLine(case=first, stage=LOADING_STAGE, fraction=0.0, message="Loading the model").line())
    try:
        predictor = load_predictor(request)
    except FedkdError as error:
        emit(ErrorLine(error=RunError(**ErrorBody.of(error).model_dump())).line())
        return
    heart_finder = HeartFinder(request.heart_mask, request.device)
    tools = Tools(predictor, heart_finder, makers or Makers())
    for case in request.cases:
        result = _run_case(case, request, tools, emit)
        emit(CaseResultLine(case_result=result).line())


def _run_case(case: CaseRequest, request: RunRequest, tools: Tools, emit: Emit) -> CaseResult:
    start = time.monotonic()
    try:
        result = CaseRun(case, request, tools, _reporter(case.case_id, emit)).execute()
    except Exception as error:  # noqa: BLE001 - one case must not end the others
        log = CasePlace(request.output, case.case_id, request.run_token).error_log
        known = as_fedkd_error(error, request.output, log)
        result = CaseResult(case=case.case_id, status="failed", message=known.what, error=ErrorBody.of(known))
    return result.model_copy(update={"seconds": round(time.monotonic() - start, 2)})


def _reporter(case_id: str, emit: Emit) -> Report:
    def report(event: ProgressEvent) -> None:
        fraction = min(max(event.fraction, 0.0), 1.0)
        emit(ProgressLine(case=case_id, stage=event.stage, fraction=fraction, message=event.message).line())

    return report


def _claim_stdout() -> TextIO:
    """Return the pipe to the supervisor; whatever libraries print goes to stderr from now on."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return pipe


def _line_writer(pipe: TextIO) -> Emit:
    lock = threading.Lock()

    def emit(line: str) -> None:
        with lock:
            pipe.write(line + "\n")
            pipe.flush()

    return emit


def _end_with_stdin() -> None:
    """End this process and its children as soon as the supervisor is gone."""
    while os.read(0, 4096):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
