"""The landmarks as rows of the report."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.anatomy import LANDMARKS
from fedkd.case.provenance import PlacedBy
from fedkd.report.content import CaseContent
from fedkd.report.decision import point_decision


@dataclass(frozen=True)
class LandmarkRow:
    """One landmark as shown.

    Args:
        name: short name, as in the pictures.
        full_name: what it is.
        color: as ``#rrggbb``.
        state: how it came to its place; empty when it has none.
        decision: what a reader decided on it; empty when nobody has reviewed the case.
        confidence: 0 to 1, two digits; empty when nothing is known about it.
        level: the confidence in words; empty when nothing is known about it.
        spread: in mm, one digit; empty when nothing is known about it.
        is_doubtful: found with low confidence.
        remark: what the file says about it.
    """

    name: str
    full_name: str
    color: str
    state: str
    decision: str
    confidence: str
    level: str
    spread: str
    is_doubtful: bool
    remark: str


_STATES: dict[PlacedBy, str] = {"model": "Found", "file": "Read from a file", "reader": "Placed by a reader"}


def landmark_rows(content: CaseContent) -> tuple[LandmarkRow, ...]:
    """Return the seven landmarks in their fixed order."""
    rows = []
    for landmark in LANDMARKS:
        point = content.points[landmark.name]
        known = point.judged if point.is_defined else None
        spread_mm = point.spread_mm if point.is_defined else None
        rows.append(
            LandmarkRow(
                name=landmark.name,
                full_name=landmark.full_name,
                color="#" + "".join(f"{round(255 * part):02x}" for part in landmark.color_rgb),
                state=_STATES.get(content.origin.placed_by(landmark.name), "Found") if point.is_defined else "",
                decision=point_decision(content, landmark.name),
                confidence="" if known is None else known.number,
                level="" if known is None else known.word,
                spread="" if spread_mm is None else f"{spread_mm:.1f} mm",
                is_doubtful=known is not None and known.is_low,
                remark=point.description,
            )
        )
    return tuple(rows)
