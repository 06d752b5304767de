"""Do measurements still belong to the landmarks beside them? A point that was moved later has made them old."""

from __future__ import annotations

import numpy as np

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.measurement.document import MeasurementsDocument
from fedkd.pointsets import PointList

_SAME_PLACE_MM = 0.01


def moved_since_measured(document: MeasurementsDocument, points: PointList) -> tuple[str, ...]:
    """Return the landmarks that lie elsewhere than when they were measured, or were found or lost since."""
    return tuple(
        name
        for name in LANDMARK_NAMES
        if name in document.landmarks
        and not _same_place(points.position_lps_mm(name), document.landmarks[name].position_lps_mm)
    )


def _same_place(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> bool:
    if one is None or other is None:
        return one is other
    return float(np.linalg.norm(np.subtract(one, other))) <= _SAME_PLACE_MM
