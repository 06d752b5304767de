"""What a command says when it meets something nobody foresaw."""

from __future__ import annotations

import errno
import tempfile
import traceback
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.cohort.failures import internal, out_of_memory, write_log
from fedkd.errors import ExitCode, FedkdError


def explain(error: Exception) -> FedkdError:
    """Return the error for users; the details of a fault of ours go to a log that only the user can read."""
    if isinstance(error, MemoryError):
        return out_of_memory("fedkd")
    if isinstance(error, OSError) and error.filename is not None:
        return _about_file(error)
    log = Path(tempfile.mkdtemp(prefix="fedkd-"), "fedkd.error.log")
    write_log(log, "".join(traceback.format_exception(error)))
    return internal(f"{type(error).__name__}: {error}", log)


def _about_file(error: OSError) -> FedkdError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return writing_error(Path(str(error.filename)), error)
    return FedkdError(
        ExitCode.INPUT_UNREADABLE,
        f"A file or folder cannot be used ({error.strerror or error}).",
        where=error.filename,
        what_to_do="Check that it is there, and that you may read it (and write to it, if it is for results).",
    )
