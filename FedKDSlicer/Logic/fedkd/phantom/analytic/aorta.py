"""The ascending aorta above the root: straight at first, then bent along a circle, as a tube of known radius."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.geometry import FloatArray


@dataclass(frozen=True)
class BentAorta:
    """The lumen above the sinotubular junction, in the root's frame.

    Args:
        junction_height_mm: where it begins.
        junction_radius_mm: its radius there.
        radius_mm: its radius from ``widening_mm`` above the junction on.
        widening_mm: length over which it widens.
        straight_mm: how far above the junction it runs along the root's axis.
        bend_radius_mm: radius of the circle that its centerline then follows.
        bend_azimuth: direction it bends to, radians.
    """

    junction_height_mm: float
    junction_radius_mm: float
    radius_mm: float
    widening_mm: float = 15.0
    straight_mm: float = 6.0
    bend_radius_mm: float = 90.0
    bend_azimuth: float = 2.0

    @property
    def bend_start_mm(self) -> float:
        """Height at which the bend begins."""
        return self.junction_height_mm + self.straight_mm

    def along_and_away_mm(self, root_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the length along the centerline from the annulus, and the distance from it; points (..., 3)."""
        toward, aside = self._bend_axes()
        x, y, h = root_mm @ toward, root_mm @ aside, root_mm[..., 2] - self.bend_start_mm
        across = self.bend_radius_mm - x
        outward = np.hypot(across, h)
        bent = h > 0
        along = np.where(bent, self.bend_radius_mm * np.arctan2(h, across), h) + self.bend_start_mm
        away = np.where(bent, np.hypot(self.bend_radius_mm - outward, y), np.hypot(x, y))
        return along, away

    def radius_at_mm(self, along_mm: FloatArray) -> FloatArray:
        """Return the lumen's radius at a length along the centerline above the junction."""
        part = np.clip((along_mm - self.junction_height_mm) / self.widening_mm, 0, 1)
        return self.junction_radius_mm + (self.radius_mm - self.junction_radius_mm) * part * part * (3 - 2 * part)

    def point(self, along_mm: float) -> FloatArray:
        """Return the centerline's point at a length from the annulus."""
        bend = max(along_mm - self.bend_start_mm, 0.0) / self.bend_radius_mm
        toward, _ = self._bend_axes()
        up = min(along_mm, self.bend_start_mm) + self.bend_radius_mm * np.sin(bend)
        return toward * self.bend_radius_mm * (1 - np.cos(bend)) + np.array([0.0, 0.0, up])

    def direction(self, along_mm: float) -> FloatArray:
        """Return the centerline's unit direction at a length from the annulus."""
        bend = max(along_mm - self.bend_start_mm, 0.0) / self.bend_radius_mm
        return self._bend_axes()[0] * np.sin(bend) + np.array([0.0, 0.0, np.cos(bend)])

    def _bend_axes(self) -> tuple[FloatArray, FloatArray]:
        c, s = np.cos(self.bend_azimuth), np.sin(self.bend_azimuth)
        return np.array([c, s, 0.0]), np.array([-s, c, 0.0])
