"""Do measurements still belong to the landmarks beside them? A point that was moved later has made them old."""

from __future__ import annotations

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import is_same_place
from fedkd.measurement.document import MeasurementsDocument
from fedkd.pointsets import PointList


def moved_since_measured(document: MeasurementsDocument, points: PointList) -> tuple[str, ...]:
    """Return the landmarks that lie elsewhere than when they were measured, or were found or lost since."""
    return tuple(
        name
        for name in LANDMARK_NAMES
        if name in document.landmarks
        and not is_same_place(points.position_lps_mm(name), document.landmarks[name].position_lps_mm)
    )
