"""A worklist as a table: a CSV file with a column "ct" that names files and folders."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError

SUFFIX = ".csv"
_COLUMN = "ct"
# Spreadsheets write what their language wants between the columns.
_DELIMITERS = (",", ";", "\t")
_MOST_BYTES = 10_000_000


def cts_of_table(table: Path) -> list[Path]:
    """Return the paths in the column "ct", in their order; relative ones begin at the table's folder.

    Rows whose cell is empty are left out. Whether the paths exist is not looked at.

    Raises:
        FedkdError: INPUT_UNREADABLE for what is no such table; INPUT_NOT_FOUND when it names no CT.
    """
    header_row, *rows = _rows(table) or [[]]
    header = [cell.strip().lower() for cell in header_row]
    if header.count(_COLUMN) != 1:
        raise _unreadable(table, f'Its first line names no column "{_COLUMN}", or several.')
    column = header.index(_COLUMN)
    cells = [row[column].strip() for row in rows if column < len(row)]
    if not any(cells):
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "The table names no CT.",
            where=table,
            what_to_do=f'Write the path of a CT into each line of the column "{_COLUMN}".',
        )
    return [table.parent / cell for cell in cells if cell]


def _rows(table: Path) -> list[list[str]]:
    text = _text(table)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise _unreadable(table, f"Line {reader.line_num} cannot be divided into columns: {error}.") from error


def _text(table: Path) -> str:
    try:
        if table.stat().st_size > _MOST_BYTES:
            raise _unreadable(table, "It is too large.")
        return table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(table, "It is no text in UTF-8, or it cannot be read.") from error


def _unreadable(table: Path, why: str) -> FedkdError:
    return FedkdError(
        ExitCode.INPUT_UNREADABLE,
        f"This is no table of CTs. {why}",
        where=table,
        what_to_do=f'Save it as CSV in UTF-8, with a column "{_COLUMN}" of paths.',
    )
