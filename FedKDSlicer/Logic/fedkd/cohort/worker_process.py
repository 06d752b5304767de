"""A worker seen from the supervisor: start it, read it, end it with everything it started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from pydantic import ValidationError

from fedkd.case.child_process import end_with_children, environment_with_engine
from fedkd.cohort.messages import AgainLine, CaseResultLine, ErrorLine, ProgressLine, RunRequest, WorkerLine

# -P: or Python would import from the current folder first, and that may be one that came with the CTs.
WORKER_COMMAND = (sys.executable, "-P", "-m", "fedkd.cohort.worker")
_LAST_WORDS_BYTES = 8000


@dataclass(frozen=True)
class WorkerEnd:
    """How a worker ended.

    Args:
        status: its exit status; negative for a signal, as in ``subprocess``.
        last_words: the end of what it wrote on stderr.
    """

    status: int
    last_words: str


class WorkerProcess:
    """A running worker with a process group of its own. It loads its libraries while it waits for its request.

    Args:
        command: program and arguments.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self._has_exited = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment_with_engine() | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )

    def begin(self, request: RunRequest) -> None:
        """Tell it what to do; once."""
        with contextlib.suppress(BrokenPipeError):  # it died at once: its exit status will tell
            assert self._process.stdin is not None
            self._process.stdin.write(request.line().encode() + b"\n")
            self._process.stdin.flush()  # left open: its end means that we are gone

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """End it, if it has not ended. The second time does nothing: its number may be another process' by then."""
        if self._has_exited:
            return
        self._has_exited = True
        self.kill()
        for stream in (self._process.stdout, self._stderr):
            if stream is not None:
                stream.close()
        with contextlib.suppress(BrokenPipeError):  # an unsent request goes with it
            assert self._process.stdin is not None
            self._process.stdin.close()

    def lines(self) -> Iterator[ProgressLine | CaseResultLine | AgainLine | ErrorLine]:
        """Yield what the worker says until it ends; noise is left out."""
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            with contextlib.suppress(ValidationError):
                yield WorkerLine.model_validate_json(raw).root

    def wait(self) -> WorkerEnd:
        """Return how a worker whose output has ended came to its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        self.kill()
        return WorkerEnd(self._process.wait(), self._last_words())

    def kill(self) -> None:
        """End the worker and every process it started, at once, whatever they are doing."""
        end_with_children(self._process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)

    def _last_words(self) -> str:
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _LAST_WORDS_BYTES))
        return self._stderr.read().decode(errors="replace")
