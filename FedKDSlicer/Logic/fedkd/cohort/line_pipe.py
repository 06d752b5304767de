"""The pipe on which a process of ours tells another of its work, line by line."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from fedkd.cohort.messages import ProgressLine
from fedkd.progress import ProgressEvent, Report

Emit = Callable[[str], None]


def claim_stdout() -> Emit:
    """Return what writes lines on standard output; whatever libraries print goes to stderr from now on."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(line: str) -> None:
        with lock:
            pipe.write(line + "\n")
            pipe.flush()

    return emit


def reporter(case_id: str, emit: Emit) -> Report:
    """Return what tells of a case's progress on a pipe."""

    def report(event: ProgressEvent) -> None:
        fraction = min(max(event.fraction, 0.0), 1.0)
        emit(ProgressLine(case=case_id, stage=event.stage, fraction=fraction, message=event.message).line())

    return report


def end_process_group(leader: int) -> None:
    """End this process, and with it its whole group where ``leader`` leads that."""
    if hasattr(os, "killpg") and os.getpgrp() == leader:
        os.killpg(leader, signal.SIGKILL)
    os._exit(1)
