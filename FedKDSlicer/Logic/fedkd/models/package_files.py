"""The files of a package, whether it is a folder or one file (a zip of the folder)."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Protocol

from fedkd.models.refusal import model_invalid, model_not_found, read_bounded

CARD_NAME = "model.json"
MAX_CARD_BYTES = 1_000_000
MAX_WEIGHTS_BYTES = 4_000_000_000
_MAX_ENTRIES = 100
_CHUNK_BYTES = 1 << 20


class PackageFiles(Protocol):
    """Reads the files of a package by their plain names."""

    def where(self, name: str) -> Path:
        """Return what to call the file in a message."""
        ...

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return a file's content.

        Raises:
            FedkdError: MODEL_INVALID when it is missing, damaged, or larger than ``max_bytes``.
        """
        ...


def open_package(path: Path) -> PackageFiles:
    """Return the files of the package at ``path``: its folder, its model.json, or its one file.

    Raises:
        FedkdError: MODEL_NOT_FOUND; MODEL_INVALID when it is something else.
    """
    if path.is_dir() or (path.name == CARD_NAME and path.is_file()):
        return _Folder(path if path.is_dir() else path.parent)
    if not path.exists():
        raise model_not_found(path)
    if not path.is_file():
        raise model_invalid("This is neither a file nor a folder.", path)
    return _Archive(path)


def is_one_file_package(path: Path) -> bool:
    """True for a zip with a model's description; checkpoints of PyTorch are zips, too, but without one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(_plain_name(name) == CARD_NAME for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not self.where(CARD_NAME).is_file():
            raise model_invalid(f"This is no model package: it is not a folder with {CARD_NAME}.", folder)

    def where(self, name: str) -> Path:
        return self._folder / name

    def read(self, name: str, max_bytes: int) -> bytes:
        path = self.where(name)
        if not path.is_file():
            raise model_invalid("A file of the model is missing.", path)
        return read_bounded(path, max_bytes)


class _Archive:
    """Nothing is unpacked to the disk, so that names in it lead nowhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not is_one_file_package(path):
            raise model_invalid(f"This is no model package: no folder and no zip with {CARD_NAME}.", path)

    def where(self, name: str) -> Path:
        return self._path / name

    def read(self, name: str, max_bytes: int) -> bytes:
        try:
            with zipfile.ZipFile(self._path) as archive:
                return _read_entry(archive, self._entry(archive, name), max_bytes, self.where(name))
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
            lzma.LZMAError,
        ) as error:
            raise model_invalid("The model's file is damaged.", self._path) from error

    def _entry(self, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
        entries = archive.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise model_invalid("The file holds more than a model.", self._path)
        found = [entry for entry in entries if _plain_name(entry.filename) == name]
        if len(found) != 1:
            raise model_invalid(f"The model's file holds {name} {len(found)} times instead of once.", self._path)
        return found[0]


def _plain_name(entry: str) -> str:
    """Return the name of an entry that lies at the top or in one folder; else an empty text."""
    parts = PurePosixPath(entry).parts
    return parts[-1] if len(parts) in (1, 2) and ".." not in parts and not entry.endswith("/") else ""


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int, where: Path) -> bytes:
    # The sizes that a zip tells may be lies: what comes out is counted.
    content = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            content += chunk
            if len(content) > max_bytes:
                raise model_invalid("A file of the model is larger than any model this program uses.", where)
    return bytes(content)
