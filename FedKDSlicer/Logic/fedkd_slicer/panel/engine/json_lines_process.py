"""A process that speaks JSON lines, read without ever waiting for it: the panel asks now and then what has come."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedkd.case.child_process import end_with_children

_LAST_WORDS_BYTES = 8000
# What belongs to no program of ours: a line without end must not fill the memory.
_LONGEST_LINE = 50_000_000

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class ProcessEnd:
    """How a process ended. ``status``: negative for a signal; ``last_words``: the end of what it wrote on stderr."""

    status: int
    last_words: str


class JsonLinesProcess:
    """A running process. Lines that are no JSON objects are left out.

    Args:
        command: program and arguments.
        environment: its whole environment.

    Raises:
        OSError: the program could not be started.
    """

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=dict(environment),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._stderr.close()
            raise
        self._lines: queue.SimpleQueue[JsonObject | None] = queue.SimpleQueue()
        self._output_ended = False
        self._leaves_by_s = 0.0
        self._sayings: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def say(self, message: JsonObject) -> None:
        """Send one line, without waiting until it is taken; one that comes too late is lost with the process.

        Raises:
            ValueError: a number is not finite.
        """
        self._sayings.put(json.dumps(message, allow_nan=False).encode() + b"\n")

    def heard(self) -> list[JsonObject]:
        """Return what it said since it was asked last."""
        lines = []
        with contextlib.suppress(queue.Empty):
            while (line := self._lines.get_nowait()) is not None:
                lines.append(line)
            self._output_ended = True
        return lines

    def ended(self) -> ProcessEnd | None:
        """Return how it ended; None while it runs, or while there is something to be heard."""
        status = self._process.poll()
        if status is None or not self._output_ended:
            return None
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _LAST_WORDS_BYTES))
        return ProcessEnd(status, self._stderr.read().decode(errors="replace"))

    def ask_to_end(self) -> None:
        """Ask it to clear away and end; one that answers requests ends with them."""
        with contextlib.suppress(OSError):
            self._process.terminate()

    def let_go(self, patience_s: float) -> None:
        """End the requests and do not wait: `is_gone` is to be asked until it is."""
        self._sayings.put(None)
        self._leaves_by_s = time.monotonic() + patience_s

    @property
    def is_gone(self) -> bool:
        """True once a process that was let go has ended, with everything it started; out of patience it is killed."""
        if self._process.poll() is None and time.monotonic() < self._leaves_by_s:
            return False
        self.kill()
        self._stderr.close()
        return True

    def close(self, patience_s: float = 0.5) -> None:
        """End the requests, and what does not end by that with everything it started."""
        self._sayings.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=patience_s)
        self.kill()
        self._stderr.close()

    def kill(self) -> None:
        """End the process and everything it started, at once."""
        end_with_children(self._process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        for thread in self._threads:
            thread.join(timeout=2)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while raw := stream.readline(_LONGEST_LINE):
                with contextlib.suppress(ValueError, RecursionError):
                    line = json.loads(raw)
                    if isinstance(line, dict):
                        self._lines.put(line)
        self._lines.put(None)

    def _write(self) -> None:
        assert self._process.stdin is not None
        # It may end at any moment: `ended` tells of that.
        with contextlib.suppress(OSError), self._process.stdin as stream:
            while (line := self._sayings.get()) is not None:
                stream.write(line)
                stream.flush()
