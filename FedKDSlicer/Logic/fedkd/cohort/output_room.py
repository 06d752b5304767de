"""Is there room on the output's disk for a case?"""

from __future__ import annotations

from pathlib import Path

from fedkd.case.disk import require_free_bytes
from fedkd.volumes import CtVolume

_SMALL_FILES_BYTES = 20_000_000


def require_room_for(ct: CtVolume, output: Path) -> None:
    """Check, before minutes of work, that the results of a CT fit on the output's disk.

    Raises:
        FedkdError: DISK_FULL.
    """
    ct_bytes = ct.image.GetNumberOfPixels() * ct.image.GetSizeOfPixelComponent()
    # The scene holds the CT, and a DICOM series passes through a temporary file.
    require_free_bytes(output, _SMALL_FILES_BYTES + 2 * int(ct_bytes))
