"""One process from its start to its end: seconds, seconds on the processors, memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speed.memory import TreeMemory

_LAST_WORDS = 2000


@dataclass(frozen=True)
class ProcessTime:
    """``cpu_s``: of the process and of all that it waited for. Memory: see `TreeMemory`."""

    wall_s: float
    cpu_s: float
    peak_rss_mb: float | None
    peak_pss_mb: float | None


def run_timed(command: Sequence[str], environment: Mapping[str, str]) -> ProcessTime:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    with tempfile.TemporaryFile() as words:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=words, stderr=words, stdin=subprocess.DEVNULL)
        with TreeMemory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            words.seek(0)
            said = words.read().decode(errors="replace")[-_LAST_WORDS:]
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return ProcessTime(wall_s, cpu_s, memory.rss_mb, memory.pss_mb)
