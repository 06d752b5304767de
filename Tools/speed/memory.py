"""How much memory a process takes together with all it has started (Linux)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Self

_EVERY_S = 0.05
# Looking for new processes costs more than reading the known ones' sizes.
_LOOKS_BETWEEN_SEARCHES = 5
# PSS takes the kernel milliseconds: it is read only where the tree has grown by so much.
_GROWTH = 1.01
_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class TreeMemory:
    """Watches a process and its descendants from another thread, 20 times a second, while in a ``with`` block.

    ``rss_mb``: the peak of the sum of their resident memory; pages that processes share, such as libraries, count for
    each of them. ``pss_mb``: the same with each shared page counted once, read whenever that sum has grown. Both in
    10^6 bytes; None where there is no /proc.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.rss_mb: float | None = None
        self.pss_mb: float | None = None

    def __enter__(self) -> Self:
        if (_PROC / "self" / "smaps_rollup").exists():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        known: list[int] = []
        look, last_read_bytes = 0, 0.0
        while not self._stop.is_set():
            if look % _LOOKS_BETWEEN_SEARCHES == 0:
                known = descendants(self._root)
            look += 1
            rss = sum(_rss_bytes(pid) for pid in known)
            self.rss_mb = max(self.rss_mb or 0.0, rss / 1e6)
            if rss > last_read_bytes * _GROWTH:
                last_read_bytes = rss
                self.pss_mb = max(self.pss_mb or 0.0, sum(_pss_bytes(pid) for pid in known) / 1e6)
            time.sleep(_EVERY_S)


def descendants(root: int) -> list[int]:
    """Return ``root`` and the ids of all processes under it."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything: state, parent.
                parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _rss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    return 0


def _pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
