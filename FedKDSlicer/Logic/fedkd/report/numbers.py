"""Measurements as rows of the report: value with unit, published range, and where the value lies in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fedkd.measurement.catalog import BY_KEY, SPECIFICATIONS, Group, PublishedRange, Specification
from fedkd.measurement.document import QuantityRecord
from fedkd.measurement.wording import RANGE_SIGN, shown_c_arm, shown_range, shown_unit, shown_value

_NO_REASON = "It was not measured."
_MINUS = "\N{MINUS SIGN}"
_DEGREE = "\N{DEGREE SIGN}"
# C-arm views take two numbers of the catalog: how far around the patient, how far to head or feet.
_C_ARM_VIEWS = ("three_cusp", "cusp_overlap")
_CALCIUM_PARTS = ("rcc", "lcc", "ncc", "lvot", "total")
_BAND_START, _BAND_END = 25.0, 75.0

# Who published the ranges, in the order of the catalog; the page numbers them from 1.
SOURCES: tuple[str, ...] = tuple(dict.fromkeys(one.published.source for one in SPECIFICATIONS if one.published))


class Place(StrEnum):
    """Where a value lies, in the reader's words."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True)
class Row:
    """One measurement as shown. Exactly one of ``value`` and ``reason`` has text.

    Args:
        name: as a clinician says it.
        value: with unit.
        reason: why there is no value.
        published: the range with unit; empty where there is none.
        source_number: who published it, counted from 1 in `SOURCES`.
        place: where the value lies in the range; None without value or range.
        gauge_percent: where to draw the value on a scale whose middle half is the range.
    """

    name: str
    value: str = ""
    reason: str = ""
    published: str = ""
    source_number: int | None = None
    place: Place | None = None
    gauge_percent: float | None = None


@dataclass(frozen=True)
class GroupOfRows:
    """The rows under one heading; ``common_reason`` where none could be measured, all for the same reason."""

    title: str
    rows: tuple[Row, ...]

    @property
    def common_reason(self) -> str:
        """Return the reason that all rows share, or nothing."""
        return _common_reason(self.rows) if len(self.rows) > 1 else ""

    @property
    def has_ranges(self) -> bool:
        """True when at least one row has a published range."""
        return any(row.published for row in self.rows)


@dataclass(frozen=True)
class CalciumRow:
    """Calcium in one part of the valve."""

    name: str
    volume: Row
    mass: Row


Records = Mapping[str, QuantityRecord]


def groups_of(records: Records) -> tuple[GroupOfRows, ...]:
    """Return the groups of the catalog in its order, but the calcium's parts, which have a table of their own."""
    groups = []
    for group in Group:
        rows = [
            _row(specification, records[specification.key])
            for specification in SPECIFICATIONS
            if specification.group is group and not _is_shown_elsewhere(specification.key)
        ]
        if group is Group.ANGLES:
            rows += [c_arm_row(records, view) for view in _C_ARM_VIEWS]
        groups.append(GroupOfRows(group.value, tuple(rows)))
    return tuple(groups)


def row_of(records: Records, key: str) -> Row:
    """Return the row of one measurement."""
    return _row(BY_KEY[key], records[key])


def c_arm_row(records: Records, view: str) -> Row:
    """Return a C-arm view as one row, such as "LAO 12°, caudal 8°"; ``view``: three_cusp or cusp_overlap."""
    lao, cranial = records[f"{view}_lao_deg"], records[f"{view}_cranial_deg"]
    name = BY_KEY[f"{view}_lao_deg"].name.partition(",")[0]
    if isinstance(lao.value, float) and isinstance(cranial.value, float):
        return Row(name, shown_c_arm(lao.value, cranial.value))
    return Row(name, reason=lao.reason or cranial.reason or _NO_REASON)


def calcium_rows(records: Records) -> tuple[CalciumRow, ...]:
    """Return the calcium of each part, the total last."""
    return tuple(
        CalciumRow(
            _capital(BY_KEY[f"calcium_{part}_mm3"].name.partition(", ")[2]),
            row_of(records, f"calcium_{part}_mm3"),
            row_of(records, f"calcium_{part}_mass_score"),
        )
        for part in _CALCIUM_PARTS
    )


def shown_number(value: float, unit: str) -> str:
    """Return a number that the catalog does not know, rounded to what a reader needs, with its unit."""
    # A limit of angles is a whole number, and 101.6 degrees must not look as if they reached 102.
    digits = 0 if abs(value) >= 100 and unit != "deg" else 2 if abs(value) < 1 else 1
    return _with_unit(f"{value:z.{digits}f}", unit)


def shown_limits(low: float | None, high: float | None, unit: str) -> str:
    """Return an open or closed range in words."""
    if low is not None and high is not None:
        sign = "to" if low < 0 else RANGE_SIGN
        return _with_unit(f"{low:g} {sign} {high:g}", unit)
    if low is not None:
        return f"at least {_with_unit(f'{low:g}', unit)}"
    return "" if high is None else f"at most {_with_unit(f'{high:g}', unit)}"


def calcium_reason(rows: Sequence[CalciumRow]) -> str:
    """Return the reason that all parts share, or nothing."""
    return _common_reason([one for row in rows for one in (row.volume, row.mass)])


def _common_reason(rows: Sequence[Row]) -> str:
    reasons = {row.reason for row in rows}
    return reasons.pop() if len(reasons) == 1 else ""


def _is_shown_elsewhere(key: str) -> bool:
    return key.startswith((*_C_ARM_VIEWS, *(f"calcium_{part}_" for part in _CALCIUM_PARTS)))


def _row(specification: Specification, record: QuantityRecord) -> Row:
    row = _with_range(Row(specification.name), specification)
    if record.value is None:
        return replace(row, reason=record.reason or _NO_REASON)
    value = _with_unit(shown_value(specification, record.value), specification.unit)
    published = specification.published
    if isinstance(record.value, str) or published is None:
        return replace(row, value=_capital(value))
    place, gauge_percent = _place(published, record.value), _gauge_percent(published, record.value)
    return replace(row, value=value, place=place, gauge_percent=gauge_percent)


def _with_range(row: Row, specification: Specification) -> Row:
    published = specification.published
    if published is None:
        return row
    shown = _with_unit(shown_range(specification), specification.unit)
    return replace(row, published=shown, source_number=SOURCES.index(published.source) + 1)


def _place(published: PublishedRange, value: float) -> Place:
    if value < published.low:
        return Place.BELOW
    return Place.ABOVE if value > published.high else Place.WITHIN


def _gauge_percent(published: PublishedRange, value: float) -> float:
    share = (value - published.low) / (published.high - published.low)
    return round(min(max(_BAND_START + share * (_BAND_END - _BAND_START), 2.0), 98.0), 1)


def _with_unit(number: str, unit: str) -> str:
    number = number.replace("-", _MINUS)
    shown = shown_unit(unit)
    space = "" if shown in ("", _DEGREE) else " "
    return f"{number}{space}{shown}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
