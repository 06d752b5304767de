"""A plain table of points (``.csv``): one row each, coordinates in LPS mm, empty where a point was not found."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from fedkd.atomic import write_text_atomically
from fedkd.confidence import Level
from fedkd.plain_text import from_spreadsheet, spreadsheet_text
from fedkd.pointsets.delimited import Row, read_rows, rows_to_text
from fedkd.pointsets.points import LandmarkPoint, LpsPosition, PointList
from fedkd.pointsets.source_text import decode_utf8, invalid, read_bytes

COLUMNS = ("label", "x_lps_mm", "y_lps_mm", "z_lps_mm", "confidence", "spread_mm", "confidence_level")
# Tables of people and of older versions end earlier.
_FEWEST_COLUMNS = 4


def read_csv_table(path: Path) -> PointList:
    """Read a table whose first row names the columns as in COLUMNS; confidence and spread may be left away or empty.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE; POINTS_INVALID with file and line.
    """
    rows = list(read_rows(path, decode_utf8(path, read_bytes(path)), skipped_lines=0))
    header = tuple(cell.strip() for cell in rows[0].cells) if rows else ()
    if len(header) < _FEWEST_COLUMNS or header != COLUMNS[: len(header)]:
        raise invalid(
            path,
            1,
            f"The first row is not {','.join(COLUMNS)}",
            "Name the columns so; coordinates are LPS millimeters.",
        )
    if len(rows) == 1:
        raise invalid(path, None, "The table holds no point")
    points = tuple(_point(row, len(header)) for row in rows[1:])
    try:
        return PointList(points)
    except ValueError as error:
        raise invalid(path, None, f"The points contradict each other: {error}") from None


def write_csv_table(path: Path, points: PointList) -> None:
    """Write all points, also those without position. A label that a spreadsheet would run gets a leading ``'``.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    write_text_atomically(path, rows_to_text([COLUMNS, *(_cells(point) for point in points)]))


def _point(row: Row, columns: int) -> LandmarkPoint:
    if len(row.cells) != columns:
        raise invalid(row.path, row.line, f"The row has {len(row.cells)} columns instead of {columns}")
    confidence, spread_mm = (row.number(column) if row.cell(column) else None for column in (4, 5))
    position = _position(row)
    # A level in words stands for a number that is calibrated; which one follows from the number.
    is_calibrated = row.cell(6) in get_args(Level)
    try:
        return LandmarkPoint(from_spreadsheet(row.cell(0)), position, confidence, "", spread_mm, is_calibrated)
    except ValueError as error:
        raise invalid(row.path, row.line, f"No valid point: {error}") from None


def _position(row: Row) -> LpsPosition | None:
    if not any(row.cell(column) for column in (1, 2, 3)):
        return None
    return row.number(1), row.number(2), row.number(3)


def _cells(point: LandmarkPoint) -> tuple[str, ...]:
    coordinates = ("", "", "") if point.position_lps_mm is None else map(repr, point.position_lps_mm)
    numbers = ("" if value is None else repr(value) for value in (point.confidence, point.spread_mm))
    word = "" if point.judged is None else point.judged.word
    return (spreadsheet_text(point.label), *coordinates, *numbers, word)
