"""The measurements as a table that Slicer shows: one line each, or the reason why there is no value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import slicer
import vtk

from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.wording import shown_range, shown_unit
from fedkd.plain_text import printable

TABLE_NODE_NAME = "Measurements"
COLUMNS = ("Measurement", "Value", "Unit", "Published range", "Remark")


@dataclass(frozen=True)
class TableRow:
    """A measurement of the catalog: ``value`` without its unit, or the ``reason`` why there is none."""

    key: str
    value: str
    reason: str
    is_outside: bool

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the row, ordered as ``COLUMNS``."""
        specification = BY_KEY[self.key]
        remark = self.reason
        if self.is_outside and specification.published is not None:
            remark = f"Outside the published range: {specification.published.source}"
        cells = (specification.name, self.value, shown_unit(specification.unit), shown_range(specification), remark)
        return tuple(printable(cell) for cell in cells)


def add_measurement_table(scene: slicer.vtkMRMLScene, rows: Iterable[TableRow]) -> slicer.vtkMRMLTableNode:
    """Add the table, in the catalog's order; it cannot be edited by accident."""
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", TABLE_NODE_NAME)
    node.SetLocked(True)
    node.AddDefaultStorageNode()
    fill_measurement_table(node, rows)
    return node


def fill_measurement_table(node: slicer.vtkMRMLTableNode, rows: Iterable[TableRow]) -> None:
    """Replace what the table says."""
    by_key = {row.key: row.cells() for row in rows}
    lines = [by_key[key] for key in KEYS if key in by_key]
    table = vtk.vtkTable()
    for number, title in enumerate(COLUMNS):
        column = vtk.vtkStringArray()
        column.SetName(title)
        for line in lines:
            column.InsertNextValue(line[number])
        table.AddColumn(column)
    node.SetAndObserveTable(table)
