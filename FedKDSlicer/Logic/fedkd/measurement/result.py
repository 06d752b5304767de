"""All measurements of one root together."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.measurement.catalog import KEYS
from fedkd.measurement.findings import Finding
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.shapes import Shapes


@dataclass(frozen=True)
class Measurements:
    """``quantities`` holds every key of the catalog, in its order."""

    quantities: dict[str, Quantity]
    findings: tuple[Finding, ...]
    shapes: Shapes

    def __post_init__(self) -> None:
        if tuple(self.quantities) != KEYS:
            raise ValueError("the quantities are not those of the catalog, in its order")

    def value(self, key: str) -> float | None:
        """Return a number, or None where it has no value or is no number."""
        value = self.quantities[key].value
        return value if isinstance(value, float) else None
