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
from fedkd.plain_text import spreadsheet_text

_LOCK_PATIENCE_S = 10.0
_FIRST_COLUMNS = ("case", "status", "exit_code", "message")
# What is read first of a case; measurements.csv in its folder has all.
MEASURED_COLUMNS: tuple[str, ...] = (
    "annulus_area_mm2",
    "annulus_perimeter_mm",
    "annulus_diameter_min_mm",
    "annulus_diameter_max_mm",
    "annulus_diameter_area_mm",
    "sinus_mean_diameter_mm",
    "stj_diameter_mm",
    "stj_height_mm",
    "lco_height_mm",
    "rco_height_mm",
    "septum_length_mm",
    "three_cusp_lao_deg",
    "three_cusp_cranial_deg",
    "cusp_overlap_lao_deg",
    "cusp_overlap_cranial_deg",
    "calcium_rcc_mm3",
    "calcium_lcc_mm3",
    "calcium_ncc_mm3",
    "calcium_lvot_mm3",
    "calcium_threshold_hu",
)
COLUMNS: tuple[str, ...] = (
    *_FIRST_COLUMNS,
    *(f"{name}_{what}" for name in LANDMARK_NAMES for what in ("found", "confidence")),
    *MEASURED_COLUMNS,
    "warnings",
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


def has_summary(output: Path) -> bool:
    """True when the folder holds a summary of ours."""
    return _is_ours(output / SUMMARY_FILE)


def update_summary(output: Path, result: CaseResult) -> None:
    """Put the case's row into summary.csv, atomically; rows of other cases stay.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    path = output / SUMMARY_FILE
    with _summary_lock(output):
        rows = {row["case"]: row for row in _read_rows(path)}
        row = _row(result)
        rows[row["case"]] = row
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
    warnings = sum(finding.severity == "warning" for finding in result.findings)
    row = {
        "case": spreadsheet_text(result.case),
        "status": result.status,
        "exit_code": str(int(result.exit_code)),
        "message": spreadsheet_text(result.message),
        "warnings": str(warnings) if result.measurements else "",
        "scene_made": "yes" if result.scene_made else "no",
        "seconds": f"{result.seconds:.1f}",
    }
    for point in result.points:
        row[f"{point.label}_found"] = "no" if point.position_lps_mm is None else "yes"
        row[f"{point.label}_confidence"] = "" if point.confidence is None else f"{point.confidence:.3f}"
    for line in result.measurements:
        row[line.key] = f"{line.value:.2f}" if isinstance(line.value, float) else ""
    return {column: row.get(column, "") for column in COLUMNS}


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
    """Say by its first line whether we, or an older version of us with fewer columns, wrote it."""
    if not path.is_file():
        return False
    longest = len(",".join(COLUMNS)) + 1
    with path.open(encoding="utf-8", errors="replace") as stream:
        columns = tuple(stream.readline(longest).rstrip("\n").split(","))
    return columns[: len(_FIRST_COLUMNS)] == _FIRST_COLUMNS and set(columns) <= set(COLUMNS)


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    write_text_atomically(path, text.getvalue())
