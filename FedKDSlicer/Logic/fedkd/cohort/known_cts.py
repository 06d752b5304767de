"""Hashes of CTs that were read before, so that a restart need not read thousands of them again.

A hash is taken from here only while the CT's files have the names, sizes and times that they had when they were read.
What is kept here can be deleted at any time: then CTs are read and hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fedkd import __version__
from fedkd.atomic import write_text_atomically
from fedkd.case.layout import KNOWN_CTS_FOLDER
from fedkd.case.provenance import Sha256
from fedkd.errors import FedkdError
from fedkd.volumes.dicom_scan import claims_dicom, files_below
from fedkd.volumes.file_formats import format_of

# A file that changes twice within a tick of the file system's clock (FAT: 2 s) shows it once.
_TICK_S = 3.0
_MOST_BYTES = 10_000


class _KnownCt(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stamp: Sha256
    sha256: Sha256


def stamp_of(path: Path, series_uid: str | None) -> str | None:
    """Return what tells whether a CT's files are as they were: a hash over their names, sizes and times.

    None when it cannot be told, or when a file changed so lately that another change might not show.

    Args:
        path: a CT's file or folder.
        series_uid: the DICOM series to take; another one is another CT.
    """
    newest_ns = 0
    digest = hashlib.sha256(f"{__version__}\0{path.name}\0{series_uid}".encode(errors="surrogateescape"))
    try:
        for file in _files_of(path):
            status = file.stat()
            # The time of the last change of status, too: no program can set it back.
            times = (status.st_mtime_ns, status.st_ctime_ns)
            newest_ns = max(newest_ns, *times)
            digest.update(
                f"\0{os.path.relpath(file, path)}\0{status.st_size}\0{times}".encode(errors="surrogateescape")
            )
    except (FedkdError, OSError):
        return None
    return digest.hexdigest() if time.time_ns() - newest_ns > _TICK_S * 1e9 else None


def _files_of(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return files_below(path)
    file_format = None if claims_dicom(path) else format_of(path)
    return [path] if file_format is None else file_format.read_header(path).files


class KnownCts:
    """The hashes of one output folder's CTs: one small file for each case, so that several runs can write at once.

    Args:
        output: the output folder.
    """

    def __init__(self, output: Path) -> None:
        self._folder = output / KNOWN_CTS_FOLDER

    def sha256_of(self, case_id: str, stamp: str | None) -> str | None:
        """Return the hash of a CT that has not changed since it was read for this case, or None."""
        file = self._file(case_id)
        try:
            if stamp is None or not file.is_file() or file.stat().st_size > _MOST_BYTES:
                return None
            known = _KnownCt.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            return None
        return known.sha256 if known.stamp == stamp else None

    def remember(self, case_id: str, stamp: str | None, sha256: str) -> None:
        """Keep the hash of a CT; ``stamp`` is what `stamp_of` said before the CT was read."""
        if stamp is None or self.sha256_of(case_id, stamp) == sha256:
            return
        with contextlib.suppress(OSError, FedkdError):  # the next run reads the CT again
            self._folder.mkdir(exist_ok=True)
            write_text_atomically(self._file(case_id), _KnownCt(stamp=stamp, sha256=sha256).model_dump_json())

    def _file(self, case_id: str) -> Path:
        return self._folder / f"{case_id}.json"
