"""Where to write the names of points so that no name covers a point or another name.

Pure geometry in pixels; x runs right and y runs up from the picture's lower left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedkd_slicer.view_planes import FloatArray

_DISTANCES_PX = (34.0, 50.0, 70.0, 95.0, 125.0)
_ANGLE_STEPS = 24
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
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)

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
    obstacles = [_around(point, 2 * _POINT_RADIUS_PX, 2 * _POINT_RADIUS_PX) for point in points_px]
    placed: list[Box] = []
    for point, size in zip(points_px, sizes_px, strict=True):
        candidates = _candidates(point, size, middle)
        taken = [*obstacles, *placed]
        # Candidates come in order of preference, and the first of equal costs wins.
        costs = [sum(box.overlap_px2(other) for other in taken) + 10 * box.outside_px2(frame) for box in candidates]
        placed.append(candidates[int(np.argmin(costs))])
    return placed


def _candidates(point: FloatArray, size: tuple[float, float], middle: FloatArray) -> list[Box]:
    away = point - middle
    first_angle = float(np.arctan2(away[1], away[0])) if np.linalg.norm(away) > 1 else 0.0
    steps = sorted(range(_ANGLE_STEPS), key=lambda step: min(step, _ANGLE_STEPS - step))
    boxes = []
    for distance in _DISTANCES_PX:
        for step in steps:
            angle = first_angle + 2 * np.pi * step / _ANGLE_STEPS
            direction = np.array([np.cos(angle), np.sin(angle)])
            # A wide name beside a point needs more room than one above it.
            reach = distance + abs(direction[0]) * size[0] / 2
            boxes.append(_around(point + direction * reach, size[0] + 2 * _GAP_PX, size[1] + 2 * _GAP_PX))
    return boxes


def _around(center: FloatArray, width: float, height: float) -> Box:
    return Box(center[0] - width / 2, center[1] - height / 2, center[0] + width / 2, center[1] + height / 2)
