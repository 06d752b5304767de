"""Is there memory to work on one case while another is in hand?"""

from __future__ import annotations

import time
from collections.abc import Callable

from fedkd.case.free_memory import free_bytes

# Reading holds the voxels and, for a moment, the file's content as well.
_READING_PER_CT_BYTE = 2.3
# Scene and views: Slicer's core has its own CT and compresses it.
_FINISHING_PER_CT_BYTE = 2.0
# What networks, and what Slicer's core with the report, take whatever the CT: the worker's peak with 512x512x400
# voxels, reading included, is 1.6 GB.
_NETWORKS_BYTES = 1_500_000_000
_FINISHING_BYTES = 1_000_000_000
_LOOK_AGAIN_S = 0.2

MeasureFree = Callable[[], int | None]


class MemoryRoom:
    """Lets a step wait until memory suffices, or until no other case is in hand, whichever is first.

    Args:
        measure_free: bytes that are free now; None: unknown, and then every step waits for the others to end.
    """

    def __init__(self, measure_free: MeasureFree = free_bytes) -> None:
        self._measure_free = measure_free

    def wait_to_read(self, ct_bytes: int | None, others_in_hand: Callable[[], bool]) -> None:
        """Wait until a CT of so many bytes can be read beside networks and finishing; None: it could be any size."""
        needed = None
        if ct_bytes is not None:
            needed = int(ct_bytes * _READING_PER_CT_BYTE) + _NETWORKS_BYTES + _FINISHING_BYTES
        self._wait(needed, others_in_hand)

    def wait_to_predict(self, ct_bytes: int, others_in_hand: Callable[[], bool]) -> None:
        """Wait until the networks can run on a CT beside the finishing of another like it."""
        self._wait(int(ct_bytes * _FINISHING_PER_CT_BYTE) + _NETWORKS_BYTES, others_in_hand)

    def _wait(self, needed: int | None, others_in_hand: Callable[[], bool]) -> None:
        while others_in_hand() and not self._is_free(needed):
            time.sleep(_LOOK_AGAIN_S)

    def _is_free(self, needed: int | None) -> bool:
        free = None if needed is None else self._measure_free()
        return free is not None and needed is not None and free >= needed
