"""How much memory a case took, as far as the operating system tells."""

from __future__ import annotations

import contextlib
import platform
from pathlib import Path

_RESET_PEAK = "5"  # man 5 proc, /proc/pid/clear_refs


def forget_peak() -> None:
    """Start a new measurement, so that one case's peak is not reported for the next (Linux only)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")


def peak_mb() -> float | None:
    """Return the peak of this process' resident memory in MB (10^6 bytes), or None where it cannot be known."""
    if platform.system() == "Linux":
        return _linux_peak_mb()
    if platform.system() == "Windows":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def _linux_peak_mb() -> float | None:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return None if line is None else int(line.split()[1]) * 1024 / 1e6
