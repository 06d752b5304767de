"""What processes that we start need to find the engine, and how they are ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path


def environment_with_engine() -> dict[str, str]:
    """Return this process' environment, in which children find these packages without their being installed."""
    logic = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": logic if not inherited else f"{logic}{os.pathsep}{inherited}"}


def end_with_children(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group of its own, and everything it started, at once."""
    if sys.platform == "win32":
        if process.poll() is None:
            killer = Path(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")
            subprocess.run([killer, "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
