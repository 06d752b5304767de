"""Files that hold secrets: whole or absent, and readable for their owner only from the first byte on."""

from __future__ import annotations

import os
from pathlib import Path

from fedkd.atomic import write_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError

_OWNER_ONLY = 0o600
_OTHERS = 0o077


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """

    def save(temporary: Path) -> None:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)

    write_atomically(path, save)


def make_private_folder(folder: Path) -> None:
    """Make a folder with mode 0700, with its parents; one that is there becomes so.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise writing_error(folder, error) from error


def read_file(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file of at most ``most_bytes``.

    Raises:
        FedkdError: INPUT_UNREADABLE.
    """
    try:
        # A pipe under that name would keep us waiting, and a device could give without end.
        if not path.is_file() or path.stat().st_size > most_bytes:
            raise OSError("there is no file of the expected size")
        return path.read_bytes()
    except OSError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"A file cannot be read: {error.strerror or error}.",
            where=path,
            what_to_do="Check that it is there and that you may read it.",
        ) from error


def require_private(path: Path) -> None:
    """Check that nobody but its owner can read a secret.

    Raises:
        FedkdError: GATEWAY_FAILED.
    """
    if path.stat().st_mode & _OTHERS:
        raise FedkdError(
            ExitCode.GATEWAY_FAILED,
            "A secret can be read by other users of this computer.",
            where=path,
            what_to_do=f"Type: chmod 600 {path.name}, and consider the secret as known: enroll anew.",
        )
