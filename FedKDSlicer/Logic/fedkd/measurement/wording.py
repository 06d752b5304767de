"""How measurements are written for people: rounded, with units as read, and a place in the published range."""

from __future__ import annotations

from fedkd.measurement.catalog import SHOWN_UNITS, PublishedRange, Specification

RANGE_SIGN = "\N{EN DASH}"


def shown_unit(unit: str) -> str:
    """Return a UCUM unit as people write it; empty where there is none."""
    return SHOWN_UNITS.get(unit, unit)


def shown_value(specification: Specification, value: float | str) -> str:
    """Return a value without its unit, rounded as the catalog says."""
    return value if isinstance(value, str) else f"{value:z.{specification.decimals}f}"


def shown_c_arm(lao_deg: float, cranial_deg: float) -> str:
    """Return a C-arm view as interventionalists say it: LAO or RAO, cranial or caudal, whole degrees."""
    return f"{_turned(lao_deg, 'LAO', 'RAO')}, {_turned(cranial_deg, 'cranial', 'caudal')}"


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


def _turned(degrees: float, positive: str, negative: str) -> str:
    rounded = round(degrees)
    return f"{negative if rounded < 0 else positive} {abs(rounded)}\N{DEGREE SIGN}"


def _decimals(end: float) -> int:
    return len(f"{end:g}".partition(".")[2])
