"""What stands in the table of measurements. Nothing here knows of Slicer."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.wording import shown_range, shown_unit
from fedkd.plain_text import printable

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
