"""The finisher seen from the worker: start it, give it cases, notice its death."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Self

from pydantic import ValidationError

from fedkd.case.child_process import environment_with_engine
from fedkd.cohort.messages import CaseResult, CaseResultLine, FinishOrder, ProgressLine, WorkerLine
from fedkd.progress import ProgressEvent, Report

# -P: nothing is imported from the current folder.
FINISHER_COMMAND = (sys.executable, "-P", "-m", "fedkd.cohort.finisher")


class FinisherDeathError(Exception):
    """The finisher ended without a word on the case it had in hand."""


class FinisherProcess:
    """A finisher, in the worker's process group so that it ends with it; after a death the next case gets a new one.

    Args:
        command: program and arguments.
    """

    def __init__(self, command: tuple[str, ...] = FINISHER_COMMAND) -> None:
        self._command = command
        # As it is before any case: that of a case names the case's own folder for temporary files.
        self._environment = environment_with_engine()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """End it."""
        self._end()

    def finish(self, order: FinishOrder, report: Report) -> CaseResult:
        """Have a case finished, and return how it ended.

        Raises:
            FinisherDeathError: the process ended before the case.
        """
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):  # it is gone: its output ends, too
            process.stdin.write(order.line().encode() + b"\n")
            process.stdin.flush()
        for raw in process.stdout:
            line = _parsed(raw)
            if isinstance(line, CaseResultLine):
                return line.case_result
            if isinstance(line, ProgressLine):
                report(ProgressEvent(line.stage, line.fraction, line.message))
        self._end()
        raise FinisherDeathError

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


def _parsed(raw: bytes) -> object:
    try:
        return WorkerLine.model_validate_json(raw).root
    except ValidationError:
        return None
