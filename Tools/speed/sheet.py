"""A table of numbers, for the terminal and for the documents."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Sheet:
    """A table: the first column is text, the others are numbers as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def rich(self) -> Table:
        """Return it for the terminal."""
        table = Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """Return it for a document."""
        rule = "|".join([" --- ", *(" ---: " for _ in self.columns[1:])])
        lines = [" | ".join(self.columns), *(" | ".join(row) for row in self.rows)]
        return "\n".join(
            [f"**{self.title}**", "", f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])]
        )
