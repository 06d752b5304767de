"""Sinuses, sinotubular junction and ascending aorta, from the sections along the centerline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.blood import Blood
from fedkd.measurement.centerline import Lumen, Station
from fedkd.measurement.outline import plane_axes
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.section import Section, measure_section

AORTA_ABOVE_MM = 40.0
_SINUS_FROM_MM = 4.0
_SINUS_TO_MM = 28.0
_JUNCTION_TO_MM = 42.0
_AFTER_JUNCTION_MM = 6.0
_LEAST_NARROWING = 0.02
_STILL_TO_FALL = 0.15  # at the junction, of the fall from the widest to the narrowest diameter
_EDGED_MM = 8.0  # below the junction: there the edges between the sinuses are sharp
_COMMISSURE_SEARCH_RAD = 0.4
_TIP_RAD = 0.1


@dataclass(frozen=True)
class Junction:
    """The sinotubular junction: its section, and the height of its middle above the annulus plane."""

    section: Section
    height_mm: float
    along_mm: float  # the same along the centerline

    @property
    def diameter_mm(self) -> float:
        """Area-derived diameter."""
        return self.section.diameter_area_mm


@dataclass(frozen=True)
class SinusDiameter:
    """The widest line from the opposite commissure to a sinus' wall."""

    diameter_mm: float
    commissure_lps_mm: FloatArray
    wall_lps_mm: FloatArray


def ascending_aorta(lumen: Lumen) -> Section:
    """Return the section 40 mm above the annulus along the centerline.

    Raises:
        NotMeasurable: the lumen cannot be followed so far.
    """
    for station in lumen.stations:
        if abs(station.height_mm - AORTA_ABOVE_MM) < 1e-6 and station.section is not None:
            return station.section
    raise NotMeasurable("The aorta cannot be followed to 40 mm above the annulus in this CT.")


def sinotubular_junction(root: RootCt, lumen: Lumen, annulus: Plane, blood: Blood) -> Junction:
    """Return the narrowing between the sinuses and the ascending aorta.

    Above the sinuses' widest place the diameter falls steeply to the junction and stays about constant from there on.
    The junction is the bend of the two pieces (two parabolas joined there) that fit the diameters best.

    Raises:
        NotMeasurable: the aorta does not narrow above the sinuses, or ends in the CT before it does.
    """
    stations = [s for s in lumen.stations if s.section is not None and s.height_mm >= _SINUS_FROM_MM]
    heights = np.array([s.height_mm for s in stations])
    diameters = np.array([s.section.diameter_area_mm for s in stations if s.section is not None])
    diameters = ndimage.median_filter(diameters, 3, mode="nearest")
    if len(heights) == 0 or heights[-1] < _SINUS_TO_MM:
        raise NotMeasurable("The CT ends before the sinotubular junction.")
    peak = int(np.argmax(np.where(heights <= _SINUS_TO_MM, diameters, 0)))
    above = (heights > heights[peak]) & (heights < _JUNCTION_TO_MM)
    if not above.any() or diameters[above].min() > diameters[peak] * (1 - _LEAST_NARROWING):
        raise NotMeasurable("The aorta does not narrow above the sinuses: there is no sinotubular junction to measure.")
    lowest = int(np.argmin(np.where(above, diameters, np.inf)))
    fall = (diameters - diameters[lowest]) / (diameters[peak] - diameters[lowest])
    half_fallen, nearly_fallen = (heights[above & (fall < part)][0] for part in (0.5, _STILL_TO_FALL))
    near = (heights >= half_fallen - 1) & (heights <= heights[lowest] + _AFTER_JUNCTION_MM)
    bends = np.arange(nearly_fallen - 1, heights[lowest] + 1, 0.1)
    misfits = [_misfit(heights[near] - bend, diameters[near]) for bend in bends]
    along = float(bends[int(np.argmin(misfits))])
    section = measure_section(root, lumen.plane_at(along), blood)
    return Junction(section, annulus.signed_distance_mm(section.plane.center_lps_mm), along)


def _misfit(from_bend_mm: FloatArray, diameters_mm: FloatArray) -> float:
    """Return how badly a parabola below the bend and another one above it, joined there, fit the diameters."""
    below, beyond = np.maximum(-from_bend_mm, 0), np.maximum(from_bend_mm, 0)
    columns = np.stack([np.ones_like(below), below, below**2, beyond, beyond**2], axis=1)
    coefficients, *_ = np.linalg.lstsq(columns, diameters_mm, rcond=None)
    return float(((columns @ coefficients - diameters_mm) ** 2).sum())


def sinus_diameters(
    lumen: Lumen, junction_along_mm: float, hinges_lps_mm: npt.ArrayLike
) -> tuple[SinusDiameter, SinusDiameter, SinusDiameter]:
    """Return the diameters through the RCC's, LCC's and NCC's sinus.

    Args:
        lumen: its stations between annulus and junction are used.
        junction_along_mm: height of the sinotubular junction along the centerline.
        hinges_lps_mm: RCC, LCC, NCC, shape (3, 3).

    Raises:
        NotMeasurable: the sinuses' sections could not be measured.
    """
    stations = [
        s for s in lumen.stations if s.section is not None and _SINUS_FROM_MM <= s.height_mm < junction_along_mm
    ]
    if len(stations) < 5:
        raise NotMeasurable("The sections of the sinuses could not be measured.")
    rings = [_Ring.of(station, np.asarray(hinges_lps_mm, float)) for station in stations]
    edged = [ring for ring, s in zip(rings, stations, strict=True) if junction_along_mm - s.height_mm <= _EDGED_MM]
    commissures = np.median([ring.commissures for ring in edged], axis=0)
    widest = []
    for cusp in range(3):
        lines = [ring.line(commissures, cusp) for ring in rings]
        lengths = np.array([line.diameter_mm for line in lines])
        smooth = ndimage.correlate1d(lengths, np.array([1, 2, 3, 2, 1]) / 9, mode="nearest")
        best = int(smooth.argmax())
        widest.append(SinusDiameter(float(smooth[best]), lines[best].commissure_lps_mm, lines[best].wall_lps_mm))
    return widest[0], widest[1], widest[2]


@dataclass(frozen=True)
class _Ring:
    """A section as radius over azimuth about its middle; azimuth 0 is the RCC's hinge point."""

    points_lps_mm: FloatArray
    azimuth: FloatArray
    radius_mm: FloatArray
    hinges: FloatArray  # 0, LCC, NCC, and 2 pi

    @classmethod
    def of(cls, station: Station, hinges_lps_mm: FloatArray) -> _Ring:
        assert station.section is not None
        plane, points = station.section.plane, station.section.contour_lps_mm
        axes = np.stack(plane_axes(plane))
        flat, hinges = (points - plane.center_lps_mm) @ axes.T, (hinges_lps_mm - plane.center_lps_mm) @ axes.T
        hinge_azimuths = np.arctan2(hinges[:, 1], hinges[:, 0])
        turned = (hinge_azimuths - hinge_azimuths[0]) % (2 * np.pi)
        azimuth = (np.arctan2(flat[:, 1], flat[:, 0]) - hinge_azimuths[0]) % (2 * np.pi)
        return cls(points, azimuth, np.hypot(*flat.T), np.append(turned, 2 * np.pi))

    @property
    def commissures(self) -> FloatArray:
        """Azimuths RCC-LCC, LCC-NCC, NCC-RCC: where the radius is least around the middle between two hinge points."""
        middles = (self.hinges[:-1] + self.hinges[1:]) / 2
        found = []
        for middle in middles:
            near = np.flatnonzero(np.abs(self.azimuth - middle) < _COMMISSURE_SEARCH_RAD)
            if not near.size:
                raise NotMeasurable("The sinuses cannot be told apart: their commissures were not found.")
            found.append(self.azimuth[near[self.radius_mm[near].argmin()]])
        return np.array(found)

    def line(self, commissures: FloatArray, cusp: int) -> SinusDiameter:
        """Return the longest line from the commissure opposite to ``cusp`` (0 RCC, 1 LCC, 2 NCC) to its wall."""
        opposite = commissures[(cusp + 1) % 3]
        near = np.flatnonzero(np.abs(self.azimuth - opposite) < _TIP_RAD)
        after, before = commissures[cusp], commissures[cusp - 1]
        inside = (self.azimuth - before) % (2 * np.pi) < (after - before) % (2 * np.pi)
        if not near.size or not inside.any():
            raise NotMeasurable("The sinuses cannot be told apart: their commissures were not found.")
        start, wall = self.points_lps_mm[near[self.radius_mm[near].argmin()]], self.points_lps_mm[inside]
        lengths = np.linalg.norm(wall - start, axis=1)
        return SinusDiameter(float(lengths.max()), start, wall[lengths.argmax()])
