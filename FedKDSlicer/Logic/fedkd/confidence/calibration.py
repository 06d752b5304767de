"""What turns a model's own confidence into a probability, and the proof of it; a part of model.json.

It is numbers only. Packages come from anyone: whatever cannot be a calibration is refused when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fedkd.confidence.levels import HIGH_FROM, LOW_BELOW, NEAR_MM, Level, level_of
from fedkd.plain_text import printable

MOST_KNOTS = 64
_MOST_BINS = 20
_MOST_SEEDS = 100

_Share = Annotated[float, Field(ge=0, le=1)]


def _plain(text: str) -> str:
    if printable(text) != text:
        raise ValueError("it holds characters that are no text")
    return text


_PlainLine = Annotated[str, StringConstraints(max_length=300), AfterValidator(_plain)]


def wilson_interval(near: int, points: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score method; all of 0 to 1 without points."""
    from scipy.stats import binomtest  # half a second that no help text should wait for

    if points == 0:
        return 0.0, 1.0
    interval = binomtest(near, points).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Knot(_Frozen):
    """One point of the curve from a model's own confidence to a probability."""

    raw: _Share
    probability: _Share


class ReliabilityBin(_Frozen):
    """Points whose probability lies from ``low`` up to, but without, ``high`` (the last bin has its end, too)."""

    low: _Share
    high: _Share
    points: int = Field(ge=0)
    near: int = Field(ge=0, description="how many of them lie within near_mm of the truth")
    mean_probability: _Share | None = Field(description="null: no points")

    @model_validator(mode="after")
    def _counts_make_sense(self) -> Self:
        if not self.low < self.high:
            raise ValueError("a bin ends before it begins")
        if self.near > self.points:
            raise ValueError("more points are near than there are")
        if (self.mean_probability is None) != (self.points == 0):
            raise ValueError("a bin has a mean exactly when it has points")
        if self.mean_probability is not None and not self.low <= self.mean_probability <= self.high:
            raise ValueError("the mean of a bin lies outside it")
        return self

    @property
    def share(self) -> float | None:
        """The share of points near the truth; None without points."""
        return self.near / self.points if self.points else None

    @property
    def interval(self) -> tuple[float, float]:
        """Within which the true share lies with a confidence of 95 % (Wilson 1927)."""
        return wilson_interval(self.near, self.points)


def counts_of(bins: Iterable[ReliabilityBin], level: Level) -> tuple[int, int]:
    """Return how many points a level has, and how many of them lie near the truth."""
    inside = [one for one in bins if level_of(one.low) == level]
    return sum(one.points for one in inside), sum(one.near for one in inside)


class Sample(_Frozen):
    """The cases that one step was made on."""

    cases: int = Field(ge=1, le=1_000_000)
    points: int = Field(ge=1, le=10_000_000, description="found, and with a known true place")
    not_found: int = Field(ge=0, le=10_000_000, description="landmarks without a position take no part")
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        max_length=_MOST_SEEDS, description="of `fedkd phantom make`; empty: the cases are no phantoms"
    )


class Held(Sample):
    """Cases that the curve was not fitted on, and what the curve is worth on them."""

    bins: tuple[ReliabilityBin, ...] = Field(min_length=1, max_length=_MOST_BINS)

    @model_validator(mode="after")
    def _bins_follow_each_other(self) -> Self:
        if (self.bins[0].low, self.bins[-1].high) != (0.0, 1.0):
            raise ValueError("the bins do not reach from 0 to 1")
        if any(first.high != second.low for first, second in pairwise(self.bins)):
            raise ValueError("the bins have gaps, or overlap")
        if not {LOW_BELOW, HIGH_FROM} <= {one.low for one in self.bins}:
            raise ValueError(f"no bin begins at {LOW_BELOW} or at {HIGH_FROM}, where the words change")
        if sum(one.points for one in self.bins) != self.points:
            raise ValueError("the bins do not hold all the points")
        return self


class Calibration(_Frozen):
    """Probability that a point lies within ``near_mm`` of the truth, by the model's own confidence.

    Between knots it is linear. Estimated on synthetic CTs, it may flatter on real ones.
    """

    near_mm: float = Field(description="millimeters; other bounds than this program's are refused")
    knots: tuple[Knot, ...] = Field(min_length=2, max_length=MOST_KNOTS)
    method: _PlainLine
    fitted_on: Sample
    held_out: Held
    commands: tuple[_PlainLine, ...] = Field(max_length=10, description="that made it, in their order")
    made_on: date

    @model_validator(mode="after")
    def _bound_is_ours(self) -> Self:
        if self.near_mm != NEAR_MM:
            raise ValueError(f"confidence is calibrated to {self.near_mm:g} mm, not to {NEAR_MM:g} mm")
        return self

    @model_validator(mode="after")
    def _never_falls(self) -> Self:
        raw = [knot.raw for knot in self.knots]
        probabilities = [knot.probability for knot in self.knots]
        if (raw[0], raw[-1]) != (0.0, 1.0):
            raise ValueError("the knots do not reach from 0 to 1")
        if any(second <= first for first, second in pairwise(raw)):
            raise ValueError("the knots are not in order")
        if any(second < first for first, second in pairwise(probabilities)):
            raise ValueError("the probability falls where the model's own confidence rises")
        return self

    def probability(self, raw: float) -> float:
        """Return the probability for a model's own confidence from 0 to 1."""
        return float(np.interp(raw, [knot.raw for knot in self.knots], [knot.probability for knot in self.knots]))
