"""How models are refused, and how much of a file is read at most."""

from __future__ import annotations

from pathlib import Path

from fedkd.errors import ExitCode, FedkdError


def model_invalid(what: str, where: Path) -> FedkdError:
    """Return the error for a file that is no model, or a damaged one."""
    return FedkdError(
        ExitCode.MODEL_INVALID,
        what,
        where=where,
        what_to_do="Use an unchanged model, or leave --model out to use the embedded model.",
    )


def model_not_found(where: Path | str) -> FedkdError:
    """Return the error for a model that does not exist."""
    return FedkdError(
        ExitCode.MODEL_NOT_FOUND,
        "The model was not found.",
        where=where,
        what_to_do="Give a model's file or folder, a name that `fedkd model list` shows, or leave --model out.",
    )


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a file that is not too large.

    Raises:
        FedkdError: MODEL_NOT_FOUND; MODEL_INVALID when it is larger than ``max_bytes`` or cannot be read.
    """
    if not path.is_file():
        raise model_not_found(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise model_invalid(f"The file cannot be read: {error.strerror or error}.", path) from error
    if len(raw) > max_bytes:
        raise model_invalid("The file is larger than any model this program uses.", path)
    return raw
