"""How measurements are written for people: rounded, with units as read, and a place in the published range."""

from __future__ import annotations

from fedkd.measurement.catalog import SHOWN_UNITS, PublishedRange, Specification

RANGE_SIGN = "\N{EN DASH}"


def shown_unit(unit: str) -> str:
    """Return a UCUM unit as people write it; empty where there is none."""
    return SHOWN_UNITS.get(unit, unit)


def shown_value(specification: Specification, value: float | str) -> str:
    """Return a value without its unit, rounded as the catalog says."""
    return value if isinstance(value, str) else f"{value:.{specification.decimals}f}"


def shown_range(specification: Specification) -> str:
    """Return the published range without its unit; empty where there is none."""
    published = specification.published
    if published is None:
        return ""
    decimals = max(_decimals(published.low), _decimals(published.high))
    return f"{published.low:.{decimals}f} {RANGE_SIGN} {published.high:.{decimals}f}"


def is_outside(published: PublishedRange | None, value: float | str | None) -> bool:
    """True for a number outside its published range; what has no range is never outside."""
    return published is not None and isinstance(value, float) and not published.low <= value <= published.high


def _decimals(end: float) -> int:
    return len(f"{end:g}".partition(".")[2])
