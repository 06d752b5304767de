"""The peak of memory while a case was in hand, though other cases were, too."""

from __future__ import annotations

import threading

from fedkd.case.memory import forget_peak, peak_mb


class CasePeaks:
    """Peaks of this process' resident memory in MB (10^6 bytes), for each case from its beginning on.

    The system keeps one peak. Whenever it is forgotten for a case that begins, it counts for those in hand first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._peaks_mb: dict[str, float] = {}

    def begin(self, case_id: str) -> None:
        """Start to watch for a case."""
        with self._lock:
            self._count()
            forget_peak()
            self._peaks_mb[case_id] = 0.0

    def end(self, case_id: str) -> float | None:
        """Return the peak since the case began, or None where it cannot be known."""
        with self._lock:
            self._count()
            return self._peaks_mb.pop(case_id, None) or None

    def _count(self) -> None:
        now_mb = peak_mb() or 0.0
        self._peaks_mb = {case: max(before, now_mb) for case, before in self._peaks_mb.items()}
