"""A new folder that is there whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.errors import ExitCode, FedkdError


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a hidden folder beside ``path`` to write into; it gets its name when all went well.

    Raises:
        FedkdError: CASE_EXISTS when there is something at ``path``; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    if path.exists():
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            "There is a file or folder of that name already.",
            where=path,
            what_to_do="Remove it, or choose another name.",
        )
    partial = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        partial.mkdir(parents=True)
        yield partial
        partial.rename(path)
    except OSError as error:
        raise writing_error(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
