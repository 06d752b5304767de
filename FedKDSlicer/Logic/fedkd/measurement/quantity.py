"""A measured value, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass


class NotMeasurable(Exception):  # noqa: N818 - it is a result, not a fault
    """A measurement has no value; the message is a plain sentence for the reader that says why."""


@dataclass(frozen=True)
class Quantity:
    """One measurement of the catalog. Exactly one of ``value`` and ``reason`` is set.

    Args:
        key: a key of `fedkd.measurement.catalog`, which has unit and method.
        value: in the catalog's unit; text only for bands.
        reason: why it could not be measured.
    """

    key: str
    value: float | str | None
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"{self.key}: a value or a reason, and not both")
