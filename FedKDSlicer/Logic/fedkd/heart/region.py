"""The box in space that holds the heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.geometry import FloatArray

Lps = tuple[float, float, float]

# Masks may have specks far from the heart: this part of the voxels at either end does not widen the box.
_SPECKS = 0.001


@dataclass(frozen=True)
class HeartRegion:
    """Where the heart lies, as far as the CT shows it.

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

    @classmethod
    def around(cls, points_lps_mm: FloatArray, source: str) -> HeartRegion:
        """Return the region of points spread evenly over the heart, shape (n, 3), n at least 1."""
        low, high = np.quantile(points_lps_mm, [_SPECKS, 1 - _SPECKS], axis=0)
        return cls(_lps(points_lps_mm.mean(axis=0)), _lps(low), _lps(high), source)


def _lps(point: FloatArray) -> Lps:
    return (float(point[0]), float(point[1]), float(point[2]))
