"""The sizes of a closed line in a plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Plane

_CALIPER_STEPS = 360  # half a degree


def plane_axes(plane: Plane) -> tuple[FloatArray, FloatArray]:
    """Return two unit vectors of the plane, in LPS, counterclockwise seen from where its normal points to.

    The first points to the patient's front as far as the plane allows: turning a CT's voxel grid turns no ray.
    """
    normal = plane.normal_lps
    front = np.array([0.0, -1.0, 0.0]) if abs(normal[1]) < 0.95 else np.array([1.0, 0.0, 0.0])
    first = front - normal * (normal @ front)
    first /= np.linalg.norm(first)
    return first, np.cross(normal, first)


@dataclass(frozen=True)
class Outline:
    """A closed line, ``points_mm`` (n, 2) counterclockwise along the plane's axes; the first point is not repeated."""

    points_mm: FloatArray

    def in_space(self, plane: Plane) -> FloatArray:
        """Return the points in LPS mm, shape (n, 3)."""
        return plane.center_lps_mm + self.points_mm @ np.stack(plane_axes(plane))

    @cached_property
    def area_mm2(self) -> float:
        """Area (shoelace formula)."""
        x, y = self.points_mm.T
        return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)

    @cached_property
    def center_mm(self) -> FloatArray:
        """Center of the area, shape (2,)."""
        x, y = self.points_mm.T
        cross = x * np.roll(y, -1) - y * np.roll(x, -1)
        sums = np.stack([x + np.roll(x, -1), y + np.roll(y, -1)])
        return np.asarray((sums * cross).sum(axis=1) / (3 * cross.sum()))

    @cached_property
    def perimeter_mm(self) -> float:
        """Length of the line."""
        return float(np.linalg.norm(self.points_mm - np.roll(self.points_mm, -1, axis=0), axis=1).sum())

    @cached_property
    def _widths_mm(self) -> npt.NDArray[np.float64]:
        """Caliper widths in directions half a degree apart."""
        angles = np.arange(_CALIPER_STEPS) * np.pi / _CALIPER_STEPS
        along = self.points_mm @ np.stack([np.cos(angles), np.sin(angles)])
        return np.asarray(along.max(axis=0) - along.min(axis=0))

    @cached_property
    def caliper_lines_mm(self) -> tuple[FloatArray, FloatArray]:
        """Ends, (2, 2) each, of the smallest and the largest width: as long as it, between the points it touches."""
        return self._caliper_mm(int(self._widths_mm.argmin())), self._caliper_mm(int(self._widths_mm.argmax()))

    def _caliper_mm(self, step: int) -> FloatArray:
        angle = step * np.pi / _CALIPER_STEPS
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        reached = self.points_mm @ along
        touching = self.points_mm[[int(reached.argmin()), int(reached.argmax())]]
        return np.stack([reached.min() * along, reached.max() * along]) + (touching @ across).mean() * across

    @property
    def diameter_min_mm(self) -> float:
        """Smallest caliper width."""
        return float(self._widths_mm.min())

    @property
    def diameter_max_mm(self) -> float:
        """Largest caliper width."""
        return float(self._widths_mm.max())
