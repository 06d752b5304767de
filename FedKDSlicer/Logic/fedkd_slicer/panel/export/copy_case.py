"""Copies a case folder bit by bit, so that the panel goes on living meanwhile; it appears at once, whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.case.layout import CasePlace
from fedkd.errors import ExitCode, FedkdError

_CHUNK_BYTES = 4 * 1024 * 1024


def copying_case(folder: Path, target: Path) -> Iterator[None]:
    """Copy a case folder into ``target``; a step of the iterator is a few megabytes.

    Links and whatever else is no file are left out. An iterator that is closed before its end leaves nothing behind.

    Raises:
        FedkdError: CASE_EXISTS, INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    place = CasePlace(target, folder.name, secrets.token_hex(6))
    if os.path.lexists(place.folder):
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            "There is a case of that name already.",
            where=place.folder,
            what_to_do="Choose another folder, or take the older one away first.",
        )
    if target.resolve().is_relative_to(folder.resolve()):
        raise FedkdError(
            ExitCode.USAGE, "A case cannot be copied into itself.", where=target, what_to_do="Choose another folder."
        )
    try:
        yield from _copying_folder(folder, place.partial)
        place.partial.rename(place.folder)
    except OSError as error:
        raise writing_error(place.folder, error) from error
    finally:
        shutil.rmtree(place.partial, ignore_errors=True)


def _copying_folder(source: Path, target: Path) -> Iterator[None]:
    target.mkdir()
    for entry in _entries(source):
        if entry.is_dir(follow_symlinks=False):
            yield from _copying_folder(source / entry.name, target / entry.name)
        elif entry.is_file(follow_symlinks=False):
            yield from _copying_file(source / entry.name, target / entry.name)


def _entries(source: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(source) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(source, error) from error


def _copying_file(source: Path, target: Path) -> Iterator[None]:
    try:
        stream = source.open("rb")
    except OSError as error:
        raise _unreadable(source, error) from error
    with stream, target.open("xb") as copy:
        while chunk := stream.read(_CHUNK_BYTES):
            copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
            yield


def _unreadable(path: Path, error: OSError) -> FedkdError:
    return FedkdError(
        ExitCode.INPUT_UNREADABLE,
        f"It cannot be read: {error.strerror or error}.",
        where=path,
        what_to_do="Check that the case is still there and that you may read it.",
    )
