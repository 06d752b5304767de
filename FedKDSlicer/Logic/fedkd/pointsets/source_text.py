"""What all readers of point files share: the file's bytes, strict numbers, and errors that name the line."""

from __future__ import annotations

import re
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError

# Seven points need about 4 kB; a file of millions of bytes is not a list of landmarks.
LARGEST_FILE_BYTES = 4_000_000

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 100


def read_bytes(path: Path) -> bytes:
    """Return the content of a point file.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, or POINTS_INVALID when it is too large.
    """
    try:
        # Opening a pipe would wait for a writer who may never come.
        if path.is_fifo() or path.is_socket():
            raise OSError("it is no file but a pipe")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "The file with points does not exist.",
            where=path,
            what_to_do="Check the path for typing errors.",
        ) from None
    except OSError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"The file with points cannot be read: {error.strerror or error}.",
            where=path,
            what_to_do="Check that it is a file and that you may read it.",
        ) from error
    if len(content) > LARGEST_FILE_BYTES:
        raise invalid(path, None, f"The file is larger than {LARGEST_FILE_BYTES} bytes: this is no list of landmarks")
    return content


def decode_utf8(path: Path, content: bytes) -> str:
    """Return the text of a UTF-8 file, with or without byte order mark.

    Raises:
        FedkdError: POINTS_INVALID with the line of the first byte that is no UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise invalid(path, line, "The text is not in the UTF-8 encoding") from None


def parse_number(text: str) -> float:
    """Return the number in ``text``, written with a decimal point; surrounding white space is allowed.

    Raises:
        ValueError: it is anything else: "12,3", "nan", "1_000", words or nothing.
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST_NUMBER or not _NUMBER.fullmatch(stripped):
        shown = stripped if len(stripped) <= 40 else stripped[:40] + "..."
        raise ValueError(f"{shown!r} is not a number written with a decimal point")
    return float(stripped)


def invalid(
    path: Path,
    line: int | None,
    what: str,
    what_to_do: str = "Export the points again from the program that made them, or correct the file in a text editor.",
) -> FedkdError:
    """Return the error for a file that holds no valid points; ``line`` counts from 1."""
    where = str(path) if line is None else f"{path}, line {line}"
    return FedkdError(ExitCode.POINTS_INVALID, what.rstrip(".") + ".", where=where, what_to_do=what_to_do)
