"""Confidence and spread as part of a point's description, where formats of other programs have no field for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fedkd.pointsets.points import LandmarkPoint

_CONFIDENCE = re.compile(r"confidence (0|1|0\.\d{1,6}|1\.0{1,6})(?:; |\Z)", re.ASCII)
_SPREAD = re.compile(r"spread (\d{1,5}\.\d{1,3}) mm(?:; |\Z)", re.ASCII)
_NOT_FOUND = "not found"


@dataclass(frozen=True)
class Described:
    """What a description says: numbers, None where it has none, and a text of the point's own."""

    confidence: float | None
    spread_mm: float | None
    own: str


def described(point: LandmarkPoint) -> str:
    """Return the description to write: "confidence 0.870; spread 1.20 mm; " and the point's own text."""
    confidence = "" if point.confidence is None else f"confidence {point.confidence:.3f}"
    spread = "" if point.spread_mm is None else f"spread {point.spread_mm:.2f} mm"
    own = point.description or ("" if point.is_defined else _NOT_FOUND)
    return "; ".join(part for part in (confidence, spread, own) if part)


def parse_described(description: str) -> Described:
    """Return what is in a description that :func:`described` wrote; any other is the point's own text as a whole."""
    confidence, rest = _taken(_CONFIDENCE, description)
    spread_mm, own = _taken(_SPREAD, rest)
    return Described(confidence, spread_mm, "" if own == _NOT_FOUND else own)


def _taken(number: re.Pattern[str], text: str) -> tuple[float | None, str]:
    """Return the number that the text begins with, and what follows it."""
    match = number.match(text)
    return (None, text) if match is None else (float(match[1]), text[match.end() :])
