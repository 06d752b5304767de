"""A calibration as model.json holds it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fedkd.confidence import NEAR_MM, Calibration, Held, Knot, ReliabilityBin, Sample

_BINS = (
    (0.0, 0.25, 2, 0, 0.1),
    (0.25, 0.5, 4, 1, 0.4),
    (0.5, 0.75, 5, 3, 0.65),
    (0.75, 0.9, 20, 17, 0.84),
    (0.9, 0.97, 40, 37, 0.945),
    (0.97, 0.99, 100, 98, 0.981),
    (0.99, 1.0, 129, 129, 0.994),
)


def calibration(**changes: Any) -> Calibration:
    """Fitted on 30 cases and proven on 43 others; a raw 0.5 becomes 0.8."""
    bins = tuple(
        ReliabilityBin(low=low, high=high, points=points, near=near, mean_probability=mean)
        for low, high, points, near, mean in _BINS
    )
    values = {
        "near_mm": NEAR_MM,
        "knots": (
            Knot(raw=0.0, probability=0.05),
            Knot(raw=0.5, probability=0.8),
            Knot(raw=1.0, probability=0.995),
        ),
        "method": "by hand",
        "fitted_on": Sample(cases=30, points=205, not_found=5, seeds=(1,)),
        "held_out": Held(cases=43, points=300, not_found=1, seeds=(2,), bins=bins),
        "commands": ("fedkd evaluate one", "fedkd evaluate two"),
        "made_on": date(2026, 1, 2),
    }
    return Calibration.model_validate(values | changes)
