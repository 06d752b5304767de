"""Points along measured curves. Pure geometry, shape (n, 3), millimeters."""

from __future__ import annotations

import numpy as np

from fedkd_slicer.measured_shapes import NamedCurve
from fedkd_slicer.view_planes import FloatArray


def spaced_evenly(curve: NamedCurve, count: int) -> FloatArray:
    """Return ``count`` points at equal distances along the curve, from its first point; an open one keeps its last."""
    points = curve.points_ras_mm
    if curve.is_closed:
        points = np.vstack([points, points[:1]])
    along_mm = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted_mm = np.linspace(0.0, along_mm[-1], count, endpoint=not curve.is_closed)
    return np.column_stack([np.interp(wanted_mm, along_mm, points[:, axis]) for axis in range(3)])


def farthest_mm(points: FloatArray, polyline: FloatArray) -> float:
    """Return the largest distance of a point from the polyline."""
    starts, steps = polyline[:-1], np.diff(polyline, axis=0)
    offsets = points[:, None, :] - starts
    lengths2 = np.maximum(np.einsum("mk,mk->m", steps, steps), 1e-12)
    fractions = np.clip(np.einsum("nmk,mk->nm", offsets, steps) / lengths2, 0.0, 1.0)
    distances2 = np.sum((offsets - fractions[..., None] * steps) ** 2, axis=2)
    return float(np.sqrt(distances2.min(axis=1).max()))
