"""What a reader must be told about the landmarks: missing ones, disagreement, anatomy that does not fit.

Nothing is corrected here; every doubt is one plain sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fedkd.anatomy import HINGE_POINTS, LANDMARK_NAMES, OSTIA
from fedkd.geometry import Plane, annulus_plane, hinge_circle_diameter_mm
from fedkd.prediction.consensus import Consensus

_LARGE_SPREAD_MM = 2.0
# Area-derived annulus diameters of TAVI cohorts lie within about 18 to 32 mm; hinge circles a little wider.
_HINGE_CIRCLE_MM = (15.0, 38.0)


def doubts_about(landmarks: Mapping[str, Consensus], looked_for: Sequence[str] = LANDMARK_NAMES) -> tuple[str, ...]:
    """Return the doubts about a set of landmarks, the gravest first."""
    doubts = []
    missing = [name for name in looked_for if name not in landmarks]
    if missing:
        doubts.append(f"Not found: {', '.join(missing)}. Place by hand if needed.")
    doubts += _doubts_about_shape(landmarks)
    doubts += [_doubt_about_spread(name, landmarks[name]) for name in LANDMARK_NAMES if name in landmarks]
    return tuple(doubt for doubt in doubts if doubt)


def _doubt_about_spread(name: str, found: Consensus) -> str:
    between = found.between
    # A model that is hardly sure hardly moves the point, or the spread: how far it is off is told all the same.
    if between is not None and (between.spread_mm > _LARGE_SPREAD_MM or between.farthest_mm > 2 * _LARGE_SPREAD_MM):
        models = f"{', '.join(between.models[:-1])} and {between.models[-1]}"
        return f"{name}: the models {models} place it up to {between.farthest_mm:.1f} mm apart. Check it."
    if found.spread_mm is not None and found.spread_mm > _LARGE_SPREAD_MM:
        return f"{name}: repeated passes differ by {found.spread_mm:.1f} mm. Check it."
    return ""


def _doubts_about_shape(landmarks: Mapping[str, Consensus]) -> list[str]:
    if any(name not in landmarks for name in HINGE_POINTS):
        return []
    hinges = [landmarks[name].position_lps_mm for name in HINGE_POINTS]
    try:
        plane = annulus_plane(*hinges)
        diameter_mm = hinge_circle_diameter_mm(*hinges)
    except ValueError:
        return ["The three hinge points lie on one line. Check them."]
    doubts = []
    low, high = _HINGE_CIRCLE_MM
    if not low <= diameter_mm <= high:
        doubts.append(f"The circle through the hinge points is {diameter_mm:.0f} mm wide. Check them.")
    return doubts + _doubts_about_ostia(landmarks, plane)


def _doubts_about_ostia(landmarks: Mapping[str, Consensus], plane: Plane) -> list[str]:
    heights = {name: plane.signed_distance_mm(landmarks[name].position_lps_mm) for name in OSTIA if name in landmarks}
    if heights and all(height < 0 for height in heights.values()):
        return ["The cusps are not in their usual order around the valve, or the ostia are misplaced. Check them."]
    return [
        f"{name} lies {abs(height):.0f} mm below the annulus plane. Check it."
        for name, height in heights.items()
        if height < 0
    ]
