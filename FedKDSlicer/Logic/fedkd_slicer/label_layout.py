"""Where to write the names of points so that no name covers a point or another name.

Pure geometry in pixels; x runs right and y runs up from the picture's lower left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedkd_slicer.view_planes import FloatArray

_DISTANCES_PX = np.array([34.0, 50.0, 70.0, 95.0, 125.0])
_ANGLE_STEPS = 24
# Unit vectors around the circle, those near the first one first.
_TURNS = (
    2 * np.pi / _ANGLE_STEPS * np.array(sorted(range(_ANGLE_STEPS), key=lambda step: min(step, _ANGLE_STEPS - step)))
)
_DIRECTIONS = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
_POINT_RADIUS_PX = 14.0
_GAP_PX = 4.0


@dataclass(frozen=True)
class Box:
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap_px2(self, other: Box) -> float:
        """Return the common area."""
        return float(_overlap_px2(_sides([self]), _sides([other]))[0, 0])

    def outside_px2(self, frame: Box) -> float:
        """Return the part of this rectangle's area that lies outside ``frame``."""
        return (self.right - self.left) * (self.top - self.bottom) - self.overlap_px2(frame)

    @property
    def center(self) -> FloatArray:
        """Middle of the rectangle, shape (2,)."""
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2])


def place_labels(points_px: Sequence[FloatArray], sizes_px: Sequence[tuple[float, float]], frame: Box) -> list[Box]:
    """Return one rectangle per point: near it, inside ``frame``, clear of points and of other names if at all possible.

    Names are moved away from the middle of all points, so that what lies between the points stays visible.

    Args:
        points_px: the points, shape (2,) each.
        sizes_px: width and height of each name.
        frame: where names may be written.
    """
    if not points_px:
        return []
    middle = np.mean(points_px, axis=0)
    taken = _around(np.array(points_px, float), 2 * _POINT_RADIUS_PX, 2 * _POINT_RADIUS_PX)
    placed: list[Box] = []
    for point, size in zip(points_px, sizes_px, strict=True):
        candidates = _candidates(point, size, middle)
        area = (size[0] + 2 * _GAP_PX) * (size[1] + 2 * _GAP_PX)
        outside = area - _overlap_px2(candidates, _sides([frame]))[:, 0]
        costs = _overlap_px2(candidates, taken).sum(axis=1) + 10 * outside
        # Candidates come in order of preference, and the first of equal costs wins, whatever their last digits are.
        best = int(np.argmin(np.round(costs, 6)))
        placed.append(Box(*map(float, candidates[best])))
        taken = np.vstack([taken, candidates[best]])
    return placed


def _candidates(point: FloatArray, size: tuple[float, float], middle: FloatArray) -> FloatArray:
    """Return places for a name, the best first: left, bottom, right and top of each, shape (n, 4)."""
    away = point - middle
    first_angle = float(np.arctan2(away[1], away[0])) if np.linalg.norm(away) > 1 else 0.0
    directions = _DIRECTIONS @ np.array(
        [[np.cos(first_angle), np.sin(first_angle)], [-np.sin(first_angle), np.cos(first_angle)]]
    )
    # A wide name beside a point needs more room than one above it.
    reach = np.add.outer(_DISTANCES_PX, np.abs(directions[:, 0]) * size[0] / 2)
    centers = point + reach[:, :, None] * directions
    return _around(centers.reshape(-1, 2), size[0] + 2 * _GAP_PX, size[1] + 2 * _GAP_PX)


def _around(centers: FloatArray, width: float, height: float) -> FloatArray:
    half = np.array([width / 2, height / 2])
    return np.hstack([centers - half, centers + half])


def _sides(boxes: Sequence[Box]) -> FloatArray:
    return np.array([[box.left, box.bottom, box.right, box.top] for box in boxes], float)


def _overlap_px2(some: FloatArray, others: FloatArray) -> FloatArray:
    """Return the common area of each of the n first with each of the m other rectangles, shape (n, m)."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    width, height = np.moveaxis(np.maximum(high - low, 0.0), 2, 0)
    return np.asarray(width * height, float)
