"""The line to the process that started a worker: commands in, JSON lines out, and the end when that process is gone."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from pydantic import BaseModel, ValidationError

from fedkd.errors import ExitCode, FedkdError

# The largest command holds a study file; a line without end must not fill the memory.
_LONGEST_LINE = 5_000_000


class Channel:
    """Claims standard output for our lines: whatever libraries print goes to standard error from then on."""

    def __init__(self) -> None:
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def emit(self, event: BaseModel) -> None:
        """Write one line. A reader that is gone is noticed where commands are read."""
        line = event.model_dump_json() + "\n"
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except BrokenPipeError:
                return


def listen(on_line: Callable[[str], None], on_end: Callable[[], None]) -> None:
    """Call ``on_line`` for each line of standard input, in a thread of its own, and ``on_end`` when it ends."""

    def loop() -> None:
        while line := sys.stdin.readline(_LONGEST_LINE):
            if line.strip():
                on_line(line)
        on_end()

    threading.Thread(target=loop, name="commands", daemon=True).start()


def not_understood(error: ValidationError) -> FedkdError:
    """Return the error for a line that is no command."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return FedkdError(
        ExitCode.USAGE,
        f"The command was not understood: {place}: {first['msg']}.",
        where="command",
        what_to_do="This is a fault of the program that sent it: please report it.",
    )


def fault(error: Exception) -> FedkdError:
    """Return the error for what should not happen; its whole course is in the process' log."""
    return FedkdError(
        ExitCode.INTERNAL,
        f"A fault of the program: {type(error).__name__}: {error}",
        where="federation process",
        what_to_do="Everything finished is kept. Please report it with the log of the process.",
    )
