"""summary.csv: one row a case, for the whole output folder, whichever run made it."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.atomic import write_text_atomically, writing_error
from fedkd.case.layout import LOCKS_FOLDER, SUMMARY_FILE
from fedkd.cohort.messages import CaseResult
from fedkd.errors import ExitCode, FedkdError

_LOCK_PATIENCE_S = 10.0
COLUMNS: tuple[str, ...] = (
    "case",
    "status",
    "exit_code",
    "message",
    *(f"{name}_{what}" for name in LANDMARK_NAMES for what in ("found", "confidence")),
    "scene_made",
    "seconds",
)


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


def update_summary(output: Path, result: CaseResult) -> None:
    """Put the case's row into summary.csv, atomically; rows of other cases stay.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    path = output / SUMMARY_FILE
    with _summary_lock(output):
        rows = {row["case"]: row for row in _read_rows(path)}
        rows[result.case] = _row(result)
        _write_rows(path, list(rows.values()))


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


def _row(result: CaseResult) -> dict[str, str]:
    row = {
        "case": result.case,
        "status": result.status,
        "exit_code": str(int(result.exit_code)),
        "message": result.message,
        "scene_made": "yes" if result.scene_made else "no",
        "seconds": f"{result.seconds:.1f}",
    }
    for point in result.points:
        row[f"{point.label}_found"] = "no" if point.position_lps_mm is None else "yes"
        row[f"{point.label}_confidence"] = "" if point.confidence is None else f"{point.confidence:.3f}"
    return {column: _harmless(row.get(column, "")) for column in COLUMNS}


def _harmless(cell: str) -> str:
    """Keep spreadsheets from taking text for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of an earlier summary; a damaged one is begun anew."""
    if not path.is_file() or not _is_ours(path):
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as stream:
        try:
            return [
                {column: row[column] for column in COLUMNS} for row in csv.DictReader(stream, restval="", strict=True)
            ]
        except csv.Error:
            return []


def _is_ours(path: Path) -> bool:
    """Say by its first line whether we wrote it."""
    if not path.is_file():
        return False
    ours = ",".join(COLUMNS)
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline(len(ours) + 1).rstrip("\n") == ours


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    write_text_atomically(path, text.getvalue())
