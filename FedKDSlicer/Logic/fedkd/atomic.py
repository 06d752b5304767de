"""Files and folders that are either whole or not there."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError


def write_atomically(path: Path, save: Callable[[Path], None]) -> None:
    """Let ``save`` write a hidden file beside ``path`` (same extension), then move it to ``path`` in one step.

    Whatever ends ``save`` early, nothing half-written stays behind, and an older file at ``path`` stays as it was.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL for an error of the operating system.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        save(temporary)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise writing_error(path, error) from error
    finally:
        _remove_if_there(temporary)


def write_text_atomically(path: Path, text: str) -> None:
    """Write ``text`` in UTF-8, with the line ends it has.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    content = text.encode("utf-8")

    def save(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_atomically(path, save)


def require_new(path: Path) -> None:
    """Raise when there is something at ``path``.

    Raises:
        FedkdError: CASE_EXISTS.
    """
    if path.exists():
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            "There is a file or folder of that name already.",
            where=path,
            what_to_do="Remove it, or choose another name.",
        )


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a hidden folder beside ``path`` to write into; it gets its name when all went well, else it goes.

    Raises:
        FedkdError: CASE_EXISTS when there is something at ``path``; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    require_new(path)
    partial = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        partial.mkdir(parents=True)
        yield partial
        partial.rename(path)
    except OSError as error:
        raise writing_error(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def writing_error(path: Path, error: OSError) -> FedkdError:
    """Return the error for a file or folder that could not be written, told apart by its cause."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FedkdError(
            ExitCode.DISK_FULL,
            "There is no space left for the output.",
            where=path,
            what_to_do="Free some space or choose another output folder.",
        )
    return FedkdError(
        ExitCode.OUTPUT_NOT_WRITABLE,
        f"The output cannot be written: {error.strerror or error}.",
        where=path,
        what_to_do="Check that the folder exists and that you may write to it, or choose another one.",
    )


def _remove_if_there(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # The folder itself is unreachable; the error that led here says so already.
        return
