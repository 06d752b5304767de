"""The lumen from the outflow tract to the ascending aorta: a line through its middle, and its section every millimeter.

First the middle is followed roughly, in steps of 4 mm, each plane across the way so far. A smooth curve through those
middles is the centerline; the sections are then measured across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.blood import Blood
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.section import Knowledge, Section, measure_section, trace_section
from fedkd.measurement.shapes import CenterlinePoint
from fedkd.measurement.smooth_ring import RING, SINUSES, Smoothness

STATION_MM = 1.0
LOWEST_MM, HIGHEST_MM = -10.0, 50.0
_STRIDE_MM = 4.0
_TURN_AFTER_MM = 20.0  # up to here, inside the root, the way is the annulus' normal; uneven sinuses would turn it
_LOOK_BACK = 3  # strides
_MOST_LOST = 2  # strides in a row
_LEAST_OF_ANNULUS = 0.8
_LOBED_MM = (1.0, 30.0)  # where the section may have three lobes
_DEGREE = 4


@dataclass(frozen=True)
class Station:
    """A place on the centerline. ``height_mm`` is along it, negative below the annulus; ``plane`` lies across it.

    ``section`` is None where it cannot be measured.
    """

    height_mm: float
    plane: Plane
    section: Section | None


@dataclass(frozen=True)
class Lumen:
    """Stations every millimeter, upwards, as far as the lumen could be followed."""

    stations: tuple[Station, ...]

    def plane_at(self, height_mm: float) -> Plane:
        """Return the plane across the centerline at a height, between stations where necessary."""
        heights = [station.height_mm for station in self.stations]
        centers = np.array([station.plane.center_lps_mm for station in self.stations])
        ways = np.array([station.plane.normal_lps for station in self.stations])
        center, way = (np.array([np.interp(height_mm, heights, axis) for axis in some.T]) for some in (centers, ways))
        return Plane(center, way / np.linalg.norm(way))

    @property
    def points(self) -> tuple[CenterlinePoint, ...]:
        """The centerline with the lumen's area."""
        return tuple(
            CenterlinePoint(
                station.height_mm,
                station.plane.center_lps_mm,
                None if station.section is None else station.section.area_mm2,
            )
            for station in self.stations
        )


def follow_lumen(root: RootCt, plane: Plane, blood: Blood, hinges_lps_mm: npt.ArrayLike = ()) -> Lumen:
    """Return the lumen from 10 mm below to 50 mm above the annulus ``plane``, or as far as the CT goes.

    ``hinges_lps_mm`` (n, 3) are points that the annulus' contour runs through, see `measure_section`.

    Raises:
        NotMeasurable: not even the annulus' own section can be measured, or the lumen is lost right above it.
    """
    annulus = measure_section(root, plane, blood, through_lps_mm=hinges_lps_mm)
    middles = _middles(root, annulus, blood)
    if len(middles) <= _DEGREE:
        raise NotMeasurable("The lumen cannot be followed above the annulus.")
    trace = _Tracer(root, blood)
    below = trace.stations(_planes_below(annulus.plane)[::-1], annulus)
    # Downwards from the aorta, where nothing is in the lumen: so the wall is known before the leaflets begin.
    above = trace.stations(_planes_along(middles)[::-1], None)
    return Lumen((*below[::-1], Station(0.0, annulus.plane, annulus), *_without_lost_end(above[::-1])))


@dataclass(frozen=True)
class _Tracer:
    """Measures sections one after the other, each near the one before."""

    root: RootCt
    blood: Blood

    def stations(self, planes: list[tuple[float, Plane]], before: Section | None) -> list[Station]:
        """Return the stations at heights and planes, in their order; ``before`` is the section next to the first."""
        found = []
        for height, plane in planes:
            lobed = _LOBED_MM[0] < height < _LOBED_MM[1]
            section = self.section(plane, before, SINUSES if lobed else RING)
            found.append(Station(height, plane, section))
            before = section or before
        return found

    def section(self, plane: Plane, before: Section | None, smoothness: Smoothness) -> Section | None:
        """Return the section in a plane, or None where it cannot be measured."""
        near = () if before is None else before.contour_lps_mm
        try:
            return trace_section(self.root, plane, self.blood, Knowledge(smoothness, near_lps_mm=near))
        except NotMeasurable:
            return None


def _middles(root: RootCt, annulus: Section, blood: Blood) -> FloatArray:
    """Return the middle of the lumen every few millimeters above the annulus, shape (n, 3), the annulus' first.

    Where a calcified valve fills the lumen, or hides all but one sinus, the way leads straight on.
    """
    middles, here, before, lost = [annulus.plane.center_lps_mm], annulus.plane, annulus, 0
    for stride in range(1, round((HIGHEST_MM + 2 * STATION_MM) / _STRIDE_MM) + 1):
        here = Plane(here.center_lps_mm + _STRIDE_MM * here.normal_lps, here.normal_lps)
        section = _Tracer(root, blood).section(here, before, RING)
        if section is None or section.diameter_area_mm < _LEAST_OF_ANNULUS * annulus.diameter_area_mm:
            lost += 1
            if lost > _MOST_LOST:
                break
            continue
        here, before, lost = section.plane, section, 0
        middles.append(here.center_lps_mm)
        if stride * _STRIDE_MM >= _TURN_AFTER_MM and len(middles) > _LOOK_BACK:
            way = middles[-1] - middles[-1 - _LOOK_BACK]
            here = Plane(here.center_lps_mm, way / np.linalg.norm(way))
    return np.array(middles)


def _planes_below(annulus: Plane) -> list[tuple[float, Plane]]:
    heights = np.arange(LOWEST_MM, -STATION_MM / 2, STATION_MM)
    return [(float(h), Plane(annulus.center_lps_mm + h * annulus.normal_lps, annulus.normal_lps)) for h in heights]


def _planes_along(middles: FloatArray) -> list[tuple[float, Plane]]:
    """Return heights and planes across the smooth curve through the middles."""
    chord = np.concatenate([[0.0], np.linalg.norm(np.diff(middles, axis=0), axis=1).cumsum()])
    curve = np.polynomial.polynomial.polyfit(chord, middles, min(_DEGREE, len(middles) - 2))
    slope = np.polynomial.polynomial.polyder(curve)
    fine = np.linspace(0, chord[-1], 400)
    points = np.polynomial.polynomial.polyval(fine, curve).T
    length = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    heights = np.arange(STATION_MM, min(length[-1], HIGHEST_MM) + 1e-6, STATION_MM)
    at = np.interp(heights, length, fine)
    centers = np.polynomial.polynomial.polyval(at, curve).T
    ways = np.polynomial.polynomial.polyval(at, slope).T
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    return [(float(h), Plane(center, way)) for h, center, way in zip(heights, centers, ways, strict=True)]


def _without_lost_end(stations: list[Station]) -> list[Station]:
    while stations and stations[-1].section is None:
        stations = stations[:-1]
    return stations
