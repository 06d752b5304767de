"""The lumen's section in a plane: its contour, to fractions of a voxel, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.anchors import Anchors
from fedkd.measurement.blood import Blood
from fedkd.measurement.lumen_edge import closed_path, edge_radius_mm
from fedkd.measurement.outline import Outline, plane_axes
from fedkd.measurement.rays import ANGLES, Rays
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.shapes import Line
from fedkd.measurement.smooth_ring import RING, Smoothness, smooth_ring

OUTFLOW_BELOW_MM = 4.0
REACH_MM = 34.0  # rays are this long: an aorta of 60 mm still closes
_OFF_CENTER_MM = 2.0


@dataclass(frozen=True)
class Section:
    """A contour, ``contour_lps_mm`` (n, 3) without repeated first point, counterclockwise seen from the normal's tip.

    ``plane`` is the one asked for, its center moved to the middle of the contour's area.
    """

    plane: Plane
    contour_lps_mm: FloatArray
    area_mm2: float
    perimeter_mm: float
    diameter_min_mm: float
    diameter_max_mm: float

    @property
    def diameter_area_mm(self) -> float:
        """Diameter of the circle of the same area."""
        return 2 * float(np.sqrt(self.area_mm2 / np.pi))

    @property
    def diameter_perimeter_mm(self) -> float:
        """Diameter of the circle of the same perimeter."""
        return self.perimeter_mm / np.pi

    @property
    def eccentricity(self) -> float:
        """1 - smallest / largest diameter."""
        return 1 - self.diameter_min_mm / self.diameter_max_mm

    def diameter_lines(self, name: str) -> tuple[Line, ...]:
        """Return the smallest and the largest diameter as lines, named as in the catalog: name, then which of both."""
        axes = np.stack(plane_axes(self.plane))
        outline = Outline((self.contour_lps_mm - self.plane.center_lps_mm) @ axes.T)
        named = zip(("minimum", "maximum"), outline.caliper_lines_mm, strict=True)
        return tuple(
            Line(f"{name} {which} diameter", *(self.plane.center_lps_mm + ends @ axes)) for which, ends in named
        )

    @classmethod
    def of(cls, plane: Plane, outline: Outline) -> Section:
        """Return the section with this outline."""
        first, second = plane_axes(plane)
        x, y = outline.center_mm
        return cls(
            plane=replace(plane, center_lps_mm=plane.center_lps_mm + x * first + y * second),
            contour_lps_mm=outline.in_space(plane),
            area_mm2=outline.area_mm2,
            perimeter_mm=outline.perimeter_mm,
            diameter_min_mm=outline.diameter_min_mm,
            diameter_max_mm=outline.diameter_max_mm,
        )


def outflow_plane(annulus: Plane) -> Plane:
    """Return the plane 4 mm below the annulus in which the outflow tract is measured."""
    return replace(annulus, center_lps_mm=annulus.center_lps_mm - OUTFLOW_BELOW_MM * annulus.normal_lps)


def measure_section(
    root: RootCt, plane: Plane, blood: Blood, smoothness: Smoothness = RING, through_lps_mm: npt.ArrayLike = ()
) -> Section:
    """Return the lumen's section in ``plane``, whose center lies in the lumen.

    Args:
        root: the CT.
        plane: where to cut.
        blood: how bright it is.
        smoothness: `RING`, or `SINUSES` where there are three lobes.
        through_lps_mm: points of the plane, (n, 3), that lie on the contour. Give the hinge points for the annulus:
            there the leaflets grow out of the wall, and nothing in the CT tells one from the other.

    Raises:
        NotMeasurable: the plane leaves the CT, there is too little contrast, or the contour is not closed.
    """
    known = np.asarray(through_lps_mm, float).reshape(-1, 3)
    outline = _outline(root, plane, blood, smoothness, known)
    section = Section.of(plane, outline)
    if np.linalg.norm(outline.center_mm) > _OFF_CENTER_MM:
        section = Section.of(section.plane, _outline(root, section.plane, blood, smoothness, known))
    return section


def _outline(root: RootCt, plane: Plane, blood: Blood, smoothness: Smoothness, through_lps_mm: FloatArray) -> Outline:
    rays = Rays.cast(root, plane, blood, REACH_MM)
    known = Anchors.of((through_lps_mm - plane.center_lps_mm) @ np.stack(plane_axes(plane)).T)
    radius, seen = edge_radius_mm(rays, closed_path(rays, known))
    smooth = smooth_ring(radius, seen, smoothness, known)
    return Outline(smooth[:, None] * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))
