"""Copies of CTs that the engine reads: in the output folder, as they are patients' data, and gone with the panel."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from pathlib import Path

from fedkd.atomic import writing_error

_PREFIX = ".panel-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{12}}")
# Of a Slicer that was killed; none that still runs is that old.
_LEFT_BEHIND_AFTER_S = 7 * 24 * 3600


class Scratch:
    """Folders that only this user can read, until `clear`."""

    def __init__(self) -> None:
        self._folders: dict[Path, Path] = {}

    def folder_in(self, output: Path, name: str) -> Path:
        """Return a new folder, below a hidden one in ``output``.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        try:
            output.mkdir(parents=True, exist_ok=True)
            base = self._base_in(output)
            folder = base / secrets.token_hex(4) / name
            folder.mkdir(parents=True)
        except OSError as error:
            raise writing_error(output, error) from error
        return folder

    def clear(self) -> None:
        """Remove all of it."""
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)
        self._folders.clear()

    def _base_in(self, output: Path) -> Path:
        if output not in self._folders:
            _clear_left_behind(output)
            self._folders[output] = output / f"{_PREFIX}{secrets.token_hex(6)}"
        self._folders[output].mkdir(mode=0o700, exist_ok=True)
        return self._folders[output]


def _clear_left_behind(output: Path) -> None:
    now = time.time()
    for entry in os.scandir(output):
        if not _NAME.fullmatch(entry.name) or not entry.is_dir(follow_symlinks=False):
            continue
        with contextlib.suppress(OSError):
            if now - entry.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND_AFTER_S:
                shutil.rmtree(entry.path, ignore_errors=True)
