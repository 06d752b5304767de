"""The landmarks as rows of the report."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.anatomy import LANDMARKS
from fedkd.pointsets import LOW_CONFIDENCE, PointList


@dataclass(frozen=True)
class LandmarkRow:
    """One landmark as shown.

    Args:
        name: short name, as in the pictures.
        full_name: what it is.
        color: as ``#rrggbb``.
        is_found: it has a position.
        confidence: 0 to 1, two digits; empty when nothing is known about it.
        is_doubtful: found with low confidence.
        remark: what the file says about it.
    """

    name: str
    full_name: str
    color: str
    is_found: bool
    confidence: str
    is_doubtful: bool
    remark: str


def landmark_rows(points: PointList) -> tuple[LandmarkRow, ...]:
    """Return the seven landmarks in their fixed order."""
    rows = []
    for landmark in LANDMARKS:
        point = points[landmark.name]
        known = point.confidence if point.is_defined else None
        rows.append(
            LandmarkRow(
                name=landmark.name,
                full_name=landmark.full_name,
                color="#" + "".join(f"{round(255 * part):02x}" for part in landmark.color_rgb),
                is_found=point.is_defined,
                confidence="" if known is None else f"{known:.2f}",
                is_doubtful=known is not None and known < LOW_CONFIDENCE,
                remark=point.description,
            )
        )
    return tuple(rows)
