"""The study's table for people: as a table on the terminal, and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from fedkd.federation.evaluation_table import (
    GROUPS,
    SCOPES,
    Millimeters,
    Overlap,
    ResultTable,
    RowResult,
    Scope,
    ScopeResult,
)

NOTES = (
    "mm: mean ± SD; below it the median, and points found / labeled. Points not found are in no mean.",
    "Dice: mean ± SD over cases with calcification or an outline; a case without a prediction counts as 0.",
    "A number in brackets: so many networks, each trained by one site alone. On training sites each counts at home.",
)


def terminal_table(result: ResultTable) -> Group:
    """Return a table for each kind of sites; it fits into 80 columns."""
    return Group(*(_table_of(result, scope) for scope in SCOPES if any(scope in row.scopes for row in result.rows)))


def _table_of(result: ResultTable, scope: Scope) -> Table:
    table = Table(
        title=f"Study {result.study_id}, on {scope}",
        box=SIMPLE_HEAD,
        padding=(0, 1),
        collapse_padding=True,
        title_justify="left",
    )
    for number, column in enumerate(("method", "cases", *map(_heading, GROUPS), "Dice")):
        is_first = number == 0
        table.add_column(
            column, justify="left" if is_first else "right", no_wrap=not is_first, min_width=11 if is_first else None
        )
    for row in result.rows:
        if scope in row.scopes:
            found = row.scopes[scope]
            cases = str(found.cases) if not found.failed else f"{found.cases}\n{found.failed} failed"
            millimeters = (_millimeters(found.errors_mm[name]) for name in GROUPS)
            table.add_row(f"{row.method}\n{row.network}{_networks(found)}", cases, *millimeters, _overlap(found.dice))
    return table


def table_csv(result: ResultTable) -> str:
    """Return one line for each row and kind of sites, empty where there is no value."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    numbers = ("mean_mm", "sd_mm", "median_mm", "found", "labeled")
    columns = [f"{name.replace(' ', '_')}_{number}" for name in GROUPS for number in numbers]
    dices = ("dice_mean", "dice_sd", "dice_cases", "dice_nothing_to_overlap")
    writer.writerow(["method", "network", "stage", "sites", "networks", "cases", "failed", *columns, *dices])
    for row in result.rows:
        for scope, found in _scopes(row):
            values = [value for name in GROUPS for value in _numbers(found.errors_mm[name])]
            overlap = found.dice
            writer.writerow(
                [
                    *(row.method, row.network, row.stage, scope, found.networks, found.cases, found.failed),
                    *values,
                    *(_cell(overlap.mean), _cell(overlap.sd), overlap.cases, overlap.nothing),
                ]
            )
    return text.getvalue()


def _heading(group: str) -> str:
    """Return a column's title in two lines: numbers below it are short."""
    words = group.split()
    middle = len(words) // 2
    return f"{' '.join(words[:middle])}\n{' '.join(words[middle:])}, mm"


def _scopes(row: RowResult) -> Iterator[tuple[str, ScopeResult]]:
    for scope in SCOPES:
        if scope in row.scopes:
            yield scope, row.scopes[scope]


def _networks(found: ScopeResult) -> str:
    return f" ({found.networks})" if found.networks > 1 else ""


def _millimeters(errors: Millimeters) -> str:
    if errors.of == 0:
        return "-"
    if errors.mean is None:
        return f"-\n0/{errors.of}"
    sd = "" if errors.sd is None else f" ± {errors.sd:.2f}"
    return f"{errors.mean:.2f}{sd}\n{errors.median:.2f}, {errors.found}/{errors.of}"


def _overlap(overlap: Overlap) -> str:
    if overlap.mean is None:
        return "-"
    sd = "" if overlap.sd is None else f" ± {overlap.sd:.2f}"
    return f"{overlap.mean:.2f}{sd}\n{overlap.cases} cases"


def _numbers(errors: Millimeters) -> list[str | int]:
    return [_cell(errors.mean), _cell(errors.sd), _cell(errors.median), errors.found, errors.of]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
