"""A short question to the engine, whose whole output is the answer: which models, which cases, which version."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from typing import IO, Any

from fedkd.case.child_process import end_with_children
from fedkd_slicer.panel.engine.json_lines_process import ProcessEnd
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.trouble import Trouble

_LAST_WORDS_BYTES = 8000
_MOST_BYTES = 50_000_000


class Question:
    """One question. Nothing happens by itself: `look` is to be called every so often until `is_over`.

    Args:
        python: runs the engine.
        arguments: of ``fedkd``.
        answered: gets the output.
        failed: is told why there is none.
    """

    def __init__(
        self,
        python: EnginePython,
        arguments: tuple[str, ...],
        answered: Callable[[str], None],
        failed: Callable[[Trouble], None],
    ) -> None:
        self._answered = answered
        self._failed = failed
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - until it is over
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                python.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
                env=python.environment,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._forget()
            failed(Trouble.of_start(error, python.program))

    @property
    def is_over(self) -> bool:
        """True once it was answered or failed."""
        return self._process is None

    @property
    def has_answer(self) -> bool:
        """True when `look` would tell something."""
        return self._process is not None and self._process.poll() is not None

    def look(self) -> None:
        """Tell the answer when it is there."""
        if self._process is None or self._process.poll() is None:
            return
        end = ProcessEnd(self._process.returncode, _tail(self._err))
        self._out.seek(0)
        output = self._out.read(_MOST_BYTES).decode(errors="replace")
        self._forget()
        error = _error_in(output)
        if error is not None:
            self._failed(Trouble.told(error))
        elif end.status != 0:
            self._failed(Trouble.of_end(end))
        else:
            self._answered(output)

    def close(self) -> None:
        """End it without a word: nobody wants to know any more."""
        if self._process is not None:
            end_with_children(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=2)
            self._forget()

    def _forget(self) -> None:
        self._process = None
        self._out.close()
        self._err.close()


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _LAST_WORDS_BYTES))
    return stream.read().decode(errors="replace")


def _error_in(output: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError):
        return None
    return answer.get("error") if isinstance(answer, dict) else None
