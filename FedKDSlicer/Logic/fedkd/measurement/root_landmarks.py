"""The landmarks that measurements rest on, and plain reasons where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fedkd.anatomy import HINGE_POINTS, LANDMARK_NAMES
from fedkd.geometry import FloatArray, Grid, Plane, annulus_plane
from fedkd.measurement.quantity import NotMeasurable

# Flatter triangles are no annulus: on a circle a hinge point would lie within 34 degrees of another one.
_FLATTEST_TRIANGLE = 0.15
_CLOSEST_MM = 1.0


@dataclass(frozen=True)
class RootLandmarks:
    """Landmark name -> LPS mm, only of landmarks that are there; ``grid`` is the CT's.

    Points outside the CT are known, and no measurement rests on them.
    """

    positions_lps_mm: dict[str, FloatArray]
    grid: Grid

    @classmethod
    def of(cls, points_lps_mm: Mapping[str, tuple[float, float, float]], grid: Grid) -> RootLandmarks:
        """Return the landmarks among ``points_lps_mm``; other points are no concern here."""
        found = {name: np.array(points_lps_mm[name], float) for name in LANDMARK_NAMES if name in points_lps_mm}
        return cls({name: point for name, point in found.items() if np.all(np.isfinite(point))}, grid)

    @property
    def missing(self) -> tuple[str, ...]:
        """Landmarks without a position."""
        return tuple(name for name in LANDMARK_NAMES if name not in self.positions_lps_mm)

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """Landmarks that lie outside the CT."""
        return tuple(name for name, point in self.positions_lps_mm.items() if not self.grid.contains(point))

    def has(self, *names: str) -> bool:
        """True when all these landmarks can be used."""
        return all(name in self.positions_lps_mm and name not in self.outside for name in names)

    def need(self, *names: str) -> list[FloatArray]:
        """Return the positions of ``names``.

        Raises:
            NotMeasurable: one of them is missing or outside the CT.
        """
        if missing := [name for name in names if name in self.missing]:
            raise NotMeasurable(f"{_listed(missing)} {'has' if len(missing) == 1 else 'have'} no position.")
        if outside := [name for name in names if name in self.outside]:
            raise NotMeasurable(f"{_listed(outside)} {'lies' if len(outside) == 1 else 'lie'} outside the CT.")
        return [self.positions_lps_mm[name] for name in names]

    @cached_property
    def _plane(self) -> Plane | NotMeasurable:
        try:
            hinges = self.need(*HINGE_POINTS)
            if _flatness(hinges) < _FLATTEST_TRIANGLE:
                return NotMeasurable("The three hinge points lie nearly on one line.")
            return annulus_plane(*hinges)
        except NotMeasurable as why:
            return why

    def need_plane(self) -> Plane:
        """Return the plane through the hinge points.

        Raises:
            NotMeasurable: a hinge point is missing or outside the CT, or they lie nearly on one line.
        """
        if isinstance(self._plane, NotMeasurable):
            raise NotMeasurable(str(self._plane))
        return self._plane

    @property
    def plane(self) -> Plane | None:
        """The plane through the hinge points, if there is one."""
        return self._plane if isinstance(self._plane, Plane) else None


def _flatness(points: list[FloatArray]) -> float:
    """Return the smallest height of a triangle over its longest edge: 0 on a line, 0.87 with equal edges."""
    edges = [points[1] - points[0], points[2] - points[1], points[0] - points[2]]
    longest = max(float(np.linalg.norm(edge)) for edge in edges)
    if longest < _CLOSEST_MM:
        return 0.0
    return float(np.linalg.norm(np.cross(edges[0], edges[1]))) / longest**2


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
