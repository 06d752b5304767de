"""How sure a model is of a landmark: as a number, as a word, and how well the number was proven."""

from __future__ import annotations

from fedkd.confidence.calibration import Calibration, Held, Knot, ReliabilityBin, Sample, counts_of, wilson_interval
from fedkd.confidence.levels import HIGH_FROM, LOW_BELOW, NEAR_MM, NOT_CALIBRATED, Confidence, Level, level_of

__all__ = [
    "HIGH_FROM",
    "LOW_BELOW",
    "NEAR_MM",
    "NOT_CALIBRATED",
    "Calibration",
    "Confidence",
    "Held",
    "Knot",
    "Level",
    "ReliabilityBin",
    "Sample",
    "counts_of",
    "level_of",
    "wilson_interval",
]
