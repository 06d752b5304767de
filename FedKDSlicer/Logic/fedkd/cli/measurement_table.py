"""Measurements as a table for a terminal: value, unit, published range, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from fedkd.cohort.messages import FindingLine, MeasurementLine
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.wording import is_outside, shown_range, shown_unit, shown_value

_WARNING, _NOTE = "warning", "note"


def measurement_table(lines: Sequence[MeasurementLine]) -> Table:
    """Return the table, in the catalog's order and under its headings; what leaves its published range is bold."""
    table = Table(title="Measurements", title_justify="left")
    table.add_column("measurement")
    table.add_column("value", justify="right")
    table.add_column("published", justify="right", no_wrap=True)
    table.add_column("remark", overflow="fold", max_width=60)
    group = None
    for line in lines:
        specification = BY_KEY[line.key]
        if specification.group is not group:
            group = specification.group
            table.add_section()
        unit = shown_unit(line.unit)
        outside = is_outside(specification.published, line.value)
        table.add_row(
            escape(specification.name),
            "" if line.value is None else escape(f"{shown_value(specification, line.value)} {unit}".strip()),
            escape(f"{shown_range(specification)} {unit}".strip()) if specification.published else "",
            escape(line.reason or ("outside the published range" if outside else "")),
            style="bold" if outside else "",
        )
    return table


def finding_texts(findings: Sequence[FindingLine]) -> list[str]:
    """Return the findings as lines of text, warnings first."""
    return [
        f"{finding.severity}: {finding.text}"
        for severity in (_WARNING, _NOTE)
        for finding in findings
        if finding.severity == severity
    ]
