"""summary.csv: one row a case, for the whole output folder, whichever run made it.

Rows stand in the order in which cases first ended. A case that ends for the first time is added at the file's end; only
a row that changes makes the file anew. A skipped case keeps the row of the run that made it.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.case.layout import LOCKS_FOLDER, SUMMARY_FILE
from fedkd.cohort.messages import CaseResult
from fedkd.cohort.summary_row import COLUMNS, FIRST_COLUMNS, row_of, says_no_more
from fedkd.errors import ExitCode, FedkdError

_LOCK_PATIENCE_S = 10.0

Row = dict[str, str]


def require_own_summary(output: Path) -> None:
    """Check that a summary.csv in the output folder is one of ours, before minutes of work.

    Raises:
        FedkdError: CASE_EXISTS for any other file of that name.
    """
    path = output / SUMMARY_FILE
    if path.exists() and not _is_ours(path):
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            f"The output folder holds another {SUMMARY_FILE}, which this run would replace.",
            where=path,
            what_to_do="Move that file away, or choose another folder with --output.",
        )


def has_summary(output: Path) -> bool:
    """True when the folder holds a summary of ours."""
    return _is_ours(output / SUMMARY_FILE)


def update_summary(output: Path, result: CaseResult) -> None:
    """Put one case's row into summary.csv; rows of other cases stay.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    SummaryTable(output).put(result)


class SummaryTable:
    """The summary of an output folder. Several runs may write into it at once.

    Args:
        output: the output folder.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._path = output / SUMMARY_FILE
        self._rows: dict[str, Row] = {}
        self._read_state: tuple[int, ...] | None = None  # of the file that the rows were read from, or written to
        self._may_grow = False

    def put(self, result: CaseResult) -> None:
        """Put the case's row into the table; rows of other cases stay.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        row = row_of(result)
        with _summary_lock(self._output):
            self._read_again_if_changed()
            earlier = self._rows.get(row["case"])
            if earlier is not None and says_no_more(row, earlier):
                return
            self._rows[row["case"]] = row
            if earlier is None and self._may_grow:
                _append(self._path, _as_csv([row]))
            else:
                write_text_atomically(self._path, ",".join(COLUMNS) + "\r\n" + _as_csv(self._rows.values()))
                self._may_grow = True
            self._read_state = _state_of(self._path)

    def _read_again_if_changed(self) -> None:
        state = _state_of(self._path)
        if state is not None and state == self._read_state:
            return
        rows, self._may_grow = _read_rows(self._path)
        self._rows = {row["case"]: row for row in rows}


@contextlib.contextmanager
def _summary_lock(output: Path) -> Iterator[None]:
    folder = output / LOCKS_FOLDER
    lock = FileLock(folder / f"{SUMMARY_FILE}.lock")
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire(timeout=_LOCK_PATIENCE_S)
    except Timeout:  # a table that misses a row is better than a run that waits forever
        pass
    except OSError as error:
        raise writing_error(output, error) from error
    try:
        yield
    finally:
        lock.release()


def _state_of(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read_rows(path: Path) -> tuple[list[Row], bool]:
    """Return the rows of an earlier summary up to where it is damaged, and whether a row can be put at its end."""
    if not path.is_file() or not _is_ours(path):
        return [], False
    content = path.read_bytes().decode("utf-8", errors="replace")
    reader = csv.DictReader(io.StringIO(content, newline=""), restval="", strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            rows.append({column: row.get(column, "") for column in COLUMNS})
    except csv.Error:
        return rows, False
    if not content.endswith("\n"):  # the last row was cut off
        return rows[:-1], False
    return rows, tuple(reader.fieldnames or ()) == COLUMNS


def _is_ours(path: Path) -> bool:
    """Say by its first line whether we, or an older version of us with fewer columns, wrote it."""
    if not path.is_file():
        return False
    longest = len(",".join(COLUMNS)) + 1
    with path.open(encoding="utf-8", errors="replace") as stream:
        columns = tuple(stream.readline(longest).rstrip("\n").split(","))
    return columns[: len(FIRST_COLUMNS)] == FIRST_COLUMNS and set(columns) <= set(COLUMNS)


def _as_csv(rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    csv.DictWriter(text, COLUMNS).writerows(rows)
    return text.getvalue()


def _append(path: Path, text: str) -> None:
    """Add text to a file; when that fails, the file is as it was before."""
    before = path.stat().st_size
    try:
        with path.open("ab", buffering=0) as stream:
            try:
                content = text.encode("utf-8")
                if stream.write(content) < len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(before)
                raise
    except OSError as error:
        raise writing_error(path, error) from error
