"""Comma-separated rows with their line numbers, and the values of points in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedkd.pointsets.source_text import invalid, parse_number


@dataclass(frozen=True)
class Row:
    """The cells of one row and the line of the file (from 1) on which it ends."""

    path: Path
    line: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """Return the text in ``column`` (from 0); "" when the row is shorter."""
        return self.cells[column].strip() if column < len(self.cells) else ""

    def number(self, column: int) -> float:
        """Return the number in ``column``.

        Raises:
            FedkdError: POINTS_INVALID with file and line.
        """
        try:
            return parse_number(self.cell(column))
        except ValueError as error:
            raise invalid(self.path, self.line, f"Column {column + 1}: {error}") from None


def read_rows(path: Path, text: str, skipped_lines: int) -> Iterator[Row]:
    """Yield the rows of ``text`` that are not blank; ``skipped_lines`` stood before it in the file.

    Raises:
        FedkdError: POINTS_INVALID with file and line when quotes do not match.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(path, reader.line_num + skipped_lines, tuple(cells))
    except csv.Error as error:
        line = reader.line_num + skipped_lines
        raise invalid(path, line, f"The row cannot be divided into columns: {error}") from None


def rows_to_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as comma-separated text, quoted where needed, lines ended by a line feed."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
