"""Confidence in words. The one place for its bounds: everything that shows a confidence asks here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Level = Literal["low", "fair", "high"]

# A calibrated confidence is the estimated probability that a point lies within this distance of the truth.
NEAR_MM = 5.0
# Below this a point is more likely wrong than right, and a reader is told so wherever the point is shown.
LOW_BELOW = 0.5
# From here on fewer than one point in fifty is off by more than that; reports say what was found on phantoms.
HIGH_FROM = 0.97
NOT_CALIBRATED = "not calibrated"


@dataclass(frozen=True)
class Confidence:
    """How sure a model is of one landmark.

    Args:
        value: 0 (a guess) to 1 (certain).
        is_calibrated: it is the probability that the point lies within `NEAR_MM` of the truth, as estimated on
            phantoms. Otherwise it is the model's own number, of which nobody knows what it is worth.
    """

    value: float
    is_calibrated: bool = False

    @property
    def level(self) -> Level | None:
        """The word for it; None when it is not calibrated."""
        return level_of(self.value) if self.is_calibrated else None

    @property
    def is_low(self) -> bool:
        """True when a reader must be warned; a number that is not calibrated is held to the same bound."""
        return self.value < LOW_BELOW

    @property
    def number(self) -> str:
        """The value with two digits; never a certainty that no model has, nor rounded into another level's range."""
        if not self.is_calibrated:
            return f"{self.value:.2f}"
        return ">0.99" if self.value > 0.99 else f"{math.floor(round(100 * self.value, 6)) / 100:.2f}"

    @property
    def word(self) -> str:
        """The level, or that there is none."""
        return self.level or NOT_CALIBRATED

    def __str__(self) -> str:
        """Return number and word: "0.98 (high)"."""
        return f"{self.number} ({self.word})"


def level_of(probability: float) -> Level:
    """Return the word for a calibrated confidence from 0 to 1."""
    if probability < LOW_BELOW:
        return "low"
    return "high" if probability >= HIGH_FROM else "fair"
