"""The box in space that holds the heart."""

from __future__ import annotations

from dataclasses import dataclass

Lps = tuple[float, float, float]


@dataclass(frozen=True)
class HeartRegion:
    """Where the heart lies.

    Args:
        center_lps_mm: center of mass of the heart.
        low_lps_mm: smallest coordinates of the axis-aligned box around it.
        high_lps_mm: largest coordinates of the box.
        source: where this was learned, for provenance (such as ``mask file heart.nii.gz``).
    """

    center_lps_mm: Lps
    low_lps_mm: Lps
    high_lps_mm: Lps
    source: str
