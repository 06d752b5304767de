"""Temporary files that go away with the unfinished case, however it ends."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Programs look at these, in this order of habit: POSIX's first, then Windows'.
TEMPORARY_FILES_VARIABLES = ("TMPDIR", "TEMP", "TMP")


@contextlib.contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let this process and its children make their temporary files in ``folder``.

    A killed process cannot remove its temporary files, some of which are as large as the CT.
    """
    before = {name: os.environ.get(name) for name in TEMPORARY_FILES_VARIABLES}
    folder_before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    os.environ.update(dict.fromkeys(TEMPORARY_FILES_VARIABLES, str(folder)))
    try:
        yield
    finally:
        tempfile.tempdir = folder_before
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
