"""What a reader should look at twice: something outside a published range, or an image of low quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["note", "warning"]


@dataclass(frozen=True)
class Finding:
    """One implausible or uncertain thing. Nothing is corrected because of it.

    Args:
        code: stable name for programs, such as ``annulus_area_out_of_range``.
        severity: warning: likely wrong, or dangerous if it is right; note: good to know.
        text: a plain sentence with value and unit, for the reader.
        value: what was found, in ``unit``; None where it is not a number.
        unit: UCUM, as in the catalog.
        low: lower end of the published range; None: open.
        high: upper end; None: open.
        source: who published the range, or what the limit rests on.
    """

    code: str
    severity: Severity
    text: str
    value: float | None = None
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    source: str = ""
