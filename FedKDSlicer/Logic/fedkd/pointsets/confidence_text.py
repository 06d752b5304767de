"""A confidence as part of a point's description, where formats of other programs have no field for it."""

from __future__ import annotations

import re

from fedkd.pointsets.points import LandmarkPoint

_CONFIDENCE = re.compile(r"confidence (0|1|0\.\d{1,6}|1\.0{1,6})(?:; (.*))?", re.ASCII | re.DOTALL)
_NOT_FOUND = "not found"


def described(point: LandmarkPoint) -> str:
    """Return the description to write: "confidence 0.87; " and the point's own text."""
    own = point.description or ("" if point.is_defined else _NOT_FOUND)
    if point.confidence is None:
        return own
    confidence = f"confidence {point.confidence:.3f}"
    return f"{confidence}; {own}" if own else confidence


def parse_described(description: str) -> tuple[float | None, str]:
    """Return the confidence in a description that :func:`described` wrote (None without one), and the text left."""
    match = _CONFIDENCE.fullmatch(description)
    confidence, own = (float(match[1]), match[2] or "") if match else (None, description)
    return confidence, "" if own == _NOT_FOUND else own
