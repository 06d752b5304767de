"""What a module left behind when the application ended: processes, timers, observers of the scene."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from PySide6 import QtCore

from harness.documented import PRODUCT_FOLDER
from harness.pythonqt.signals import is_alive


class Leftovers:
    """Looks before a test, so that only what the test made counts afterwards."""

    def __init__(self) -> None:
        self._children_before = _child_processes()

    def found(self, scene: Any) -> list[str]:
        """Return one sentence for each thing left."""
        return [
            *(f"the process {pid} is still alive: {line}" for pid, line in self._new_children().items()),
            *_running_timers(),
            *_observing(scene),
        ]

    def _new_children(self) -> dict[int, str]:
        return {pid: line for pid, line in _child_processes().items() if pid not in self._children_before}


def _child_processes() -> dict[int, str]:
    """Return pid -> command line of this process's children that have not ended (Linux)."""
    children = {}
    for listing in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, listing.read_text(encoding="ascii").split()):
            try:
                state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if state != "Z":
                children[pid] = line.strip()
    return children


def _running_timers() -> list[str]:
    timers = [each for each in gc.get_objects() if isinstance(each, QtCore.QTimer)]
    return [f"a timer still runs: {each.objectName or each}" for each in timers if is_alive(each) and each.active]


def _observing(scene: Any) -> list[str]:
    """Return the product's objects that still observe something, by Slicer's own list of observations."""
    from slicer.util import VTKObservationMixin

    return [
        f"{type(each).__name__} still observes {len(each.Observations)} events"
        for each in gc.get_objects()
        if isinstance(each, VTKObservationMixin) and _is_of_product(type(each)) and each.Observations
    ]


def _is_of_product(kind: type) -> bool:
    import sys

    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    return file.startswith(PRODUCT_FOLDER)
