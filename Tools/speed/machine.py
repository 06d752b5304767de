"""What this computer is."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from fedkd.case.versions import versions_in_use
from speed.results import Machine


def this_machine() -> Machine:
    """Return processor, cores, memory, GPU and versions."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return Machine(
        processor=_processor(),
        cores=_cores(),
        memory_gb=_memory_gb(),
        gpu=gpu,
        threads=torch.get_num_threads(),
        versions=versions_in_use(),
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory_gb() -> float | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
