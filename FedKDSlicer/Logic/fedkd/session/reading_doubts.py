"""Were points of a reading exchanged? Asked is only what is against anatomy; the unusual is for the observer to say."""

from __future__ import annotations

from collections.abc import Mapping

from fedkd.geometry import Grid
from fedkd.measurement.cusp_plausibility import cusp_findings, septum_findings
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.pointsets import LpsPosition

_AGAINST_ANATOMY = frozenset(
    {
        "cusp_order",
        "rco_below_plane",
        "lco_below_plane",
        "rco_over_other_cusp",
        "lco_over_other_cusp",
        "septum_upside_down",
    }
)


def reading_doubts(positions_lps_mm: Mapping[str, LpsPosition], grid: Grid) -> tuple[str, ...]:
    """Return what speaks for exchanged or misplaced points, a sentence each; empty: nothing.

    Args:
        positions_lps_mm: label -> position, of landmarks that have one.
        grid: the CT's.
    """
    landmarks = RootLandmarks.of(positions_lps_mm, grid)
    found = (*cusp_findings(landmarks), *septum_findings(landmarks))
    return tuple(finding.text for finding in found if finding.code in _AGAINST_ANATOMY)
