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


@dataclass(frozen=True)
class Knowledge:
    """What is known about a contour beforehand; points in LPS mm, (n, 3).

    Args:
        smoothness: `RING`, or `SINUSES` where there are three lobes.
        through_lps_mm: points on the contour: for the annulus the hinge points, where the leaflets grow out of the
            wall and nothing in the CT tells one from the other.
        near_lps_mm: a contour close by, such as the one in the next section.
    """

    smoothness: Smoothness = RING
    through_lps_mm: npt.ArrayLike = ()
    near_lps_mm: npt.ArrayLike = ()


def measure_section(root: RootCt, plane: Plane, blood: Blood, *, through_lps_mm: npt.ArrayLike = ()) -> Section:
    """Return the lumen's section in ``plane``, whose center lies in the lumen.

    Args:
        root: the CT.
        plane: where to cut.
        blood: how bright it is.
        through_lps_mm: for the annulus its hinge points, see `Knowledge`.

    Raises:
        NotMeasurable: the plane leaves the CT, there is too little contrast, or the contour is not closed.
    """
    return trace_section(root, plane, blood, Knowledge(through_lps_mm=through_lps_mm))


def trace_section(root: RootCt, plane: Plane, blood: Blood, knowledge: Knowledge) -> Section:
    """Return the section as `measure_section` does, with what is known about it."""
    outline = _outline(root, plane, blood, knowledge)
    section = Section.of(plane, outline)
    if np.linalg.norm(outline.center_mm) > _OFF_CENTER_MM:
        section = Section.of(section.plane, _outline(root, section.plane, blood, knowledge))
    return section


def _outline(root: RootCt, plane: Plane, blood: Blood, knowledge: Knowledge) -> Outline:
    rays = Rays.cast(root, plane, blood, REACH_MM)
    through, near = (Anchors.of(points, plane) for points in (knowledge.through_lps_mm, knowledge.near_lps_mm))
    radius, seen = edge_radius_mm(rays, closed_path(rays, near if len(near) else through))
    smooth = smooth_ring(radius, seen, knowledge.smoothness, through)
    return Outline(smooth[:, None] * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))
