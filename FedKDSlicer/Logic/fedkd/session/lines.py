"""Measurements and findings as a panel shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fedkd.cohort.messages import FindingLine
from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.document import FindingRecord, QuantityRecord
from fedkd.measurement.findings import Finding
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.wording import is_outside, shown_range, shown_unit, shown_value
from fedkd.session.messages import QuantityLine


def quantity_lines(quantities: Mapping[str, Quantity] | Mapping[str, QuantityRecord]) -> tuple[QuantityLine, ...]:
    """Return the measurements that are there, in the catalog's order."""
    return tuple(_line(key, quantities[key]) for key in KEYS if key in quantities)


def finding_lines(findings: Iterable[Finding] | Iterable[FindingRecord]) -> tuple[FindingLine, ...]:
    """Return findings in their order."""
    return tuple(FindingLine(code=one.code, severity=one.severity, text=one.text) for one in findings)


def _line(key: str, quantity: Quantity | QuantityRecord) -> QuantityLine:
    specification = BY_KEY[key]
    unit = shown_unit(specification.unit)
    value = quantity.value
    return QuantityLine(
        key=key,
        group=specification.group.value,
        name=specification.name,
        text="" if value is None else f"{shown_value(specification, value)} {unit}".strip(),
        reason=quantity.reason or "",
        published=f"{shown_range(specification)} {unit}".strip() if specification.published else "",
        outside=is_outside(specification.published, value),
        value=value,
        unit=specification.unit,
    )
