"""The numbers that decide, for the top of the page."""

from __future__ import annotations

from dataclasses import replace

from fedkd.report.numbers import Records, Row, c_arm_row, row_of

_FIRST = ("annulus_area_mm2", "annulus_perimeter_mm", "annulus_diameter_area_mm")
_THEN = (
    "sinus_mean_diameter_mm",
    "stj_diameter_mm",
    "lco_height_mm",
    "rco_height_mm",
    "septum_length_mm",
    "calcium_total_mm3",
)
_SHORT_NAMES = {"calcium_total_mm3": "Calcium volume", "sinus_mean_diameter_mm": "Mean sinus diameter"}


def key_numbers(records: Records) -> tuple[Row, ...]:
    """Return twelve rows: sizes, heights, septum, calcium, views."""
    return (
        *(row_of(records, key) for key in _FIRST),
        _smallest_and_largest(records),
        *(_short(records, key) for key in _THEN),
        c_arm_row(records, "three_cusp"),
        c_arm_row(records, "cusp_overlap"),
    )


def _short(records: Records, key: str) -> Row:
    row = row_of(records, key)
    return replace(row, name=_SHORT_NAMES.get(key, row.name))


def _smallest_and_largest(records: Records) -> Row:
    smallest, largest = row_of(records, "annulus_diameter_min_mm"), row_of(records, "annulus_diameter_max_mm")
    name = "Annulus diameters"
    if smallest.value and largest.value:
        return Row(name, f"{smallest.value.partition(' ')[0]} \N{MULTIPLICATION SIGN} {largest.value}")
    return Row(name, reason=smallest.reason or largest.reason)
