"""Is there room, may we write, and which of our errors is an operating system's error?"""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ENAMETOOLONG}
_NEARLY_NOTHING_BYTES = 64 * 1024


def disk_full(where: Path) -> FedkdError:
    """Return the error for a disk without room."""
    return FedkdError(
        ExitCode.DISK_FULL,
        "There is not enough room on the output disk.",
        where=where,
        what_to_do="Free some space, or choose another folder with --output.",
    )


def not_writable(where: Path, reason: str) -> FedkdError:
    """Return the error for a folder that cannot be written."""
    return FedkdError(
        ExitCode.OUTPUT_NOT_WRITABLE,
        f"The output cannot be written: {reason}.",
        where=where,
        what_to_do="Choose a folder you may write to with --output.",
    )


def writing_error(error: OSError, where: Path) -> FedkdError | None:
    """Return our error for a failed write, or None when ``error`` is something else."""
    if error.errno in _FULL:
        return disk_full(where)
    if error.errno in _FORBIDDEN:
        return not_writable(where, error.strerror or type(error).__name__)
    return None


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
        raise writing_error(error, folder) or not_writable(folder, str(error)) from error


def require_free_bytes(folder: Path, needed_bytes: int) -> None:
    """Check for room before hours of work, not after.

    Raises:
        FedkdError: DISK_FULL.
    """
    if shutil.disk_usage(folder).free < needed_bytes:
        raise disk_full(folder)


def is_full(folder: Path) -> bool:
    """True when next to nothing is left: what was just written may be cut off."""
    return shutil.disk_usage(folder).free < _NEARLY_NOTHING_BYTES
