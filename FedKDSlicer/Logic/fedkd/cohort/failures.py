"""Turn whatever ended a case into a message with what, where and what to do."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import traceback
from pathlib import Path

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.case.disk import disk_full, is_full
from fedkd.case.layout import ERROR_LOG_SUFFIX
from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import printable

_OUT_OF_MEMORY_WORDS = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad_alloc", "bad alloc")


def as_fedkd_error(error: Exception, output: Path, log: Path) -> FedkdError:
    """Return ``error`` itself when it is ours, else what it means; details of surprises go to ``log``."""
    if isinstance(error, FedkdError):
        return error
    if isinstance(error, MemoryError) or any(word in str(error).lower() for word in _OUT_OF_MEMORY_WORDS):
        return out_of_memory(_case_of(log))
    if isinstance(error, OSError) and _is_about(output, error):
        return writing_error(output, error)
    with contextlib.suppress(OSError):
        if is_full(output):  # libraries that write images do not say so
            return disk_full(output)
    write_log(log, "".join(traceback.format_exception(error)))
    return internal(f"{type(error).__name__}: {error}", log)


def _is_about(output: Path, error: OSError) -> bool:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return True
    return isinstance(error.filename, str | os.PathLike) and Path(error.filename).is_relative_to(output)


def out_of_memory(where: object) -> FedkdError:
    """Return the error for a case that needed more memory than there was."""
    return FedkdError(
        ExitCode.OUT_OF_MEMORY,
        "There was not enough memory.",
        where=where,
        what_to_do="Close other programs, crop the CT to the chest, or use a machine with more memory.",
    )


def internal(what: str, log: Path) -> FedkdError:
    """Return the error for a fault of the program."""
    return FedkdError(
        ExitCode.INTERNAL,
        f"Something unexpected happened ({what}).",
        where=log,
        what_to_do="Please report it with this log, which may name your files.",
    )


def worker_death(return_code: int, last_words: str, log: Path) -> FedkdError:
    """Return what it means that the worker ended without a word on its case.

    Args:
        return_code: negative for a signal, as in ``subprocess``.
        last_words: end of what the worker wrote on stderr.
        log: gets the details.
    """
    if return_code == -getattr(signal, "SIGKILL", 9):
        # Nobody but the kernel's out-of-memory killer does this to a worker uninvited.
        return out_of_memory(_case_of(log))
    how = f"signal {-return_code}" if return_code < 0 else f"status {return_code}"
    write_log(log, f"The worker process ended with {how}.\n{last_words}")
    return internal(f"the worker process ended with {how}", log)


def _case_of(log: Path) -> str:
    return log.name.removesuffix(ERROR_LOG_SUFFIX)


def write_log(log: Path, text: str) -> None:
    """Keep the details for a report; if that fails too, the message has to do."""
    with contextlib.suppress(FedkdError):
        write_text_atomically(log, printable(text))
