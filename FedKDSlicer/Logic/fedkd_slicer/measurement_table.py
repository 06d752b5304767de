"""The measurements as a table that Slicer shows: one line each, or the reason why there is no value."""

from __future__ import annotations

from collections.abc import Iterable

import slicer
import vtk

from fedkd.measurement.catalog import KEYS
from fedkd_slicer.table_rows import COLUMNS, TableRow

TABLE_NODE_NAME = "Measurements"


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
