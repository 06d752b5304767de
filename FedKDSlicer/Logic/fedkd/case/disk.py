"""Is there room, and may we write?"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.errors import FedkdError

_NEARLY_NOTHING_BYTES = 64 * 1024


def make_output_folder(folder: Path) -> None:
    """Create ``folder`` if need be and prove that files can be written there.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0" * 4096)
    except OSError as error:
        raise writing_error(folder, error) from error


def require_free_bytes(folder: Path, needed_bytes: int) -> None:
    """Check for room before minutes of work, not after.

    Raises:
        FedkdError: DISK_FULL.
    """
    if shutil.disk_usage(folder).free < needed_bytes:
        raise disk_full(folder)


def is_full(folder: Path) -> bool:
    """True when next to nothing is left: what was just written may be cut off."""
    return shutil.disk_usage(folder).free < _NEARLY_NOTHING_BYTES


def disk_full(folder: Path) -> FedkdError:
    """Return the error for a disk without room that no system call complained about."""
    return writing_error(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
