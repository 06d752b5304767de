"""Does a probability keep its word? Points in bins of what was promised, beside what was found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import numpy as np
from rich.table import Table

from fedkd.confidence import HIGH_FROM, LOW_BELOW, NEAR_MM, Level, ReliabilityBin, counts_of, level_of, wilson_interval
from fedkd.geometry import FloatArray

# Finer where most points lie. The words change at edges, so that every bin belongs to one word.
EDGES = (0.0, 0.25, LOW_BELOW, 0.75, 0.9, HIGH_FROM, 0.99, 1.0)


def bins_of(probabilities: FloatArray, errors_mm: FloatArray) -> tuple[ReliabilityBin, ...]:
    """Return the bins of points with these probabilities (points,) and distances from the truth (points,)."""
    # The last bin has its end, too.
    numbers = np.minimum(np.digitize(probabilities, EDGES) - 1, len(EDGES) - 2)
    return tuple(
        _bin(low, high, probabilities[numbers == number], errors_mm[numbers == number])
        for number, (low, high) in enumerate(pairwise(EDGES))
    )


def _bin(low: float, high: float, probabilities: FloatArray, errors_mm: FloatArray) -> ReliabilityBin:
    return ReliabilityBin(
        low=low,
        high=high,
        points=len(probabilities),
        near=int((errors_mm <= NEAR_MM).sum()),
        # Rounding may lift the mean of equal numbers over them.
        mean_probability=float(np.clip(probabilities.mean(), low, high)) if len(probabilities) else None,
    )


def reliability_table(bins: Sequence[ReliabilityBin], is_calibrated: bool) -> Table:
    """Return the bins as a table for people."""
    promised = "mean" if is_calibrated else "mean, not calibrated"
    table = Table(title=f"Points within {NEAR_MM:.0f} mm of the truth, by confidence")
    for number, column in enumerate(("confidence", "points", promised, "observed share", "95 % interval")):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=number == 0)
    for one in bins:
        word = f" ({level_of(one.low)})" if is_calibrated else ""
        share, mean = one.share, one.mean_probability
        low, high = one.interval
        found = (
            ("-",) * 3 if share is None or mean is None else (f"{mean:.2f}", f"{share:.2f}", f"{low:.2f} to {high:.2f}")
        )
        table.add_row(f"{one.low:g} to {one.high:g}{word}", str(one.points), *found)
    return table


def level_lines(bins: Sequence[ReliabilityBin]) -> list[str]:
    """Return for each word how many of its points are far from the truth."""
    lines = []
    levels: tuple[Level, ...] = get_args(Level)
    for level in levels:
        points, near = counts_of(bins, level)
        if points:
            low, high = wilson_interval(points - near, points)
            lines.append(
                f"Confidence {level}: {points - near} of {points} points ({(points - near) / points:.1%}, "
                f"95 % interval {low:.1%} to {high:.1%}) are off by more than {NEAR_MM:.0f} mm"
            )
    return lines
