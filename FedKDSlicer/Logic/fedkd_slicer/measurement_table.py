"""The measurements as a table that Slicer shows: one line each, or the reason why there is no value."""

from __future__ import annotations

from collections.abc import Iterator

import slicer
import vtk

from fedkd.measurement.catalog import SPECIFICATIONS, Specification
from fedkd.measurement.document import MeasurementsDocument, QuantityRecord
from fedkd.measurement.wording import is_outside, shown_range, shown_unit, shown_value
from fedkd.plain_text import printable

TABLE_NODE_NAME = "Measurements"
COLUMNS = ("Measurement", "Value", "Unit", "Published range", "Remark")


def add_measurement_table(scene: slicer.vtkMRMLScene, document: MeasurementsDocument) -> slicer.vtkMRMLTableNode:
    """Add the table, in the catalog's order; it cannot be edited by accident."""
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", TABLE_NODE_NAME)
    rows = list(table_rows(document))
    for title, cells in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        column = vtk.vtkStringArray()
        column.SetName(title)
        for cell in cells:
            column.InsertNextValue(cell)
        node.AddColumn(column)
    node.SetLocked(True)
    node.AddDefaultStorageNode()
    return node


def table_rows(document: MeasurementsDocument) -> Iterator[tuple[str, ...]]:
    """Yield the cells of every measurement, ordered as ``COLUMNS``."""
    records = document.quantities
    for specification in SPECIFICATIONS:
        if specification.key in records:
            yield _row(specification, records[specification.key])


def _row(specification: Specification, record: QuantityRecord) -> tuple[str, ...]:
    value = "" if record.value is None else shown_value(specification, record.value)
    remark = record.reason or ""
    if specification.published is not None and is_outside(specification.published, record.value):
        remark = f"Outside the published range: {specification.published.source}"
    cells = (specification.name, value, shown_unit(specification.unit), shown_range(specification), remark)
    return tuple(printable(cell) for cell in cells)
