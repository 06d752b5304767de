"""Collect measurements one after the other; what cannot be measured gets its reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.quantity import NotMeasurable, Quantity

Value = float | str
_NO_NUMBER = "The calculation gave no finite number."


class Sheet:
    """Quantities by key, in the order in which they were measured."""

    def __init__(self) -> None:
        self.quantities: dict[str, Quantity] = {}

    def measure(self, keys: Sequence[str], function: Callable[[], Sequence[Value]]) -> None:
        """Enter what ``function`` returns, one value a key, or the reason it gives for all of them."""
        try:
            values = function()
        except NotMeasurable as why:
            self.fail(keys, str(why))
            return
        for key, value in zip(keys, values, strict=True):
            self._enter(key, value)

    def fail(self, keys: Sequence[str], reason: str) -> None:
        """Enter the same reason for all ``keys``."""
        for key in keys:
            self._add(Quantity(key, None, reason))

    def _enter(self, key: str, value: Value) -> None:
        if isinstance(value, str):
            self._add(Quantity(key, value))
        elif math.isfinite(value):
            self._add(Quantity(key, float(value)))
        else:
            self._add(Quantity(key, None, _NO_NUMBER))

    def _add(self, quantity: Quantity) -> None:
        if quantity.key not in BY_KEY or quantity.key in self.quantities:
            raise ValueError(f"{quantity.key} is unknown, or measured twice")
        self.quantities[quantity.key] = quantity
