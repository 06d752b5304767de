"""Confidence and spread as part of a point's description, where formats of other programs have no field for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import get_args

from fedkd.confidence import NOT_CALIBRATED, Confidence, Level
from fedkd.pointsets.points import LandmarkPoint, LpsPosition

_WORDS = "|".join((*get_args(Level), NOT_CALIBRATED))
# Files of older versions have no word: what their numbers are worth is not known.
_CONFIDENCE = re.compile(rf"confidence (0|1|0\.\d{{1,6}}|1\.0{{1,6}})(?: \(({_WORDS})\))?(?:; |\Z)", re.ASCII)
_SPREAD = re.compile(r"spread (\d{1,5}\.\d{1,3}) mm(?:; |\Z)", re.ASCII)
_NOT_FOUND = "not found"


@dataclass(frozen=True)
class Described:
    """What a description says: numbers, None where it has none, and a text of the point's own."""

    confidence: Confidence | None
    spread_mm: float | None
    own: str


def described(point: LandmarkPoint) -> str:
    """Return the description to write: "confidence 0.870 (fair); spread 1.20 mm; " and the point's own text."""
    judged = point.judged
    confidence = "" if judged is None else f"confidence {judged.value:.3f} ({judged.word})"
    spread = "" if point.spread_mm is None else f"spread {point.spread_mm:.2f} mm"
    own = point.description or ("" if point.is_defined else _NOT_FOUND)
    return "; ".join(part for part in (confidence, spread, own) if part)


def parse_described(description: str) -> Described:
    """Return what is in a description that :func:`described` wrote; any other is the point's own text as a whole."""
    confidence = _CONFIDENCE.match(description)
    rest = description if confidence is None else description[confidence.end() :]
    spread = _SPREAD.match(rest)
    own = rest if spread is None else rest[spread.end() :]
    return Described(
        None if confidence is None else Confidence(float(confidence[1]), confidence[2] in get_args(Level)),
        None if spread is None else float(spread[1]),
        "" if own == _NOT_FOUND else own,
    )


def point_of(label: str, position_lps_mm: LpsPosition | None, description: str) -> LandmarkPoint:
    """Return the point whose description is ``description``.

    Raises:
        ValueError: a value is out of its range.
    """
    told = parse_described(description)
    value = None if told.confidence is None else told.confidence.value
    is_calibrated = told.confidence is not None and told.confidence.is_calibrated
    return LandmarkPoint(label, position_lps_mm, value, told.own, told.spread_mm, is_calibrated)
