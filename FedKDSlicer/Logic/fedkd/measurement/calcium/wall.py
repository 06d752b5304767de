"""How far the root reaches to the sides: a smooth wall, without the coronaries that leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.blood import Blood
from fedkd.measurement.calcium.frame import RootFrame
from fedkd.measurement.outline import Outline
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.section import measure_section

_STEP_MM = 2.0
_AZIMUTHS = 72
# A coronary's mouth, 5 mm wide at 15 mm from the axis, spans 20 degrees: less than half of this window.
_SMOOTHED_AZIMUTHS = 11
# Calcium that fills the middle of the lumen hides the sections through it.
_LARGEST_GAP_MM = 16.0


@dataclass(frozen=True)
class RootWall:
    """Distance of the lumen's border from the middle of the lumen, by height and azimuth.

    Args:
        heights_mm: (n,), rising.
        middles_mm: (n, 2), middle of the lumen across, in the root's coordinates.
        radii_mm: (n, azimuths), from the middle, azimuths evenly from 0.
    """

    heights_mm: FloatArray
    middles_mm: FloatArray
    radii_mm: FloatArray

    @classmethod
    def of(cls, contours_mm: Mapping[float, FloatArray]) -> RootWall:
        """Return the wall through closed contours, (n, 2) across by height, star-shaped about their middles."""
        heights = np.array(sorted(contours_mm))
        middles, radii = zip(*(_polar(contours_mm[height]) for height in heights), strict=True)
        smooth = ndimage.median_filter(np.array(radii), (1, _SMOOTHED_AZIMUTHS), mode="wrap")
        return cls(heights, np.array(middles), ndimage.median_filter(smooth, (3, 1), mode="nearest"))

    def distance_inside_mm(self, coordinates_mm: FloatArray) -> npt.NDArray[np.float64]:
        """Return how deep points (n, 3) of the root's coordinates lie inside the wall; negative: outside."""
        row = np.interp(coordinates_mm[:, 2], self.heights_mm, np.arange(len(self.heights_mm)))
        middle = [np.interp(row, np.arange(len(self.middles_mm)), self.middles_mm[:, axis]) for axis in (0, 1)]
        x, y = coordinates_mm[:, 0] - middle[0], coordinates_mm[:, 1] - middle[1]
        column = np.arctan2(y, x) % (2 * np.pi) / (2 * np.pi) * self.radii_mm.shape[1]
        closed = np.hstack([self.radii_mm, self.radii_mm[:, :1]])
        return ndimage.map_coordinates(closed, [row, column], order=1, mode="nearest") - np.hypot(x, y)


def trace_wall(root: RootCt, frame: RootFrame, blood: Blood) -> RootWall:
    """Follow the lumen's border from the outflow tract to the sinotubular junction.

    Where a section cannot be measured, such as where the outflow tract opens to the mitral valve, the wall runs on
    straight from the nearest ones.

    Raises:
        NotMeasurable: too many sections in a row cannot be measured.
    """
    heights = np.linspace(frame.bottom_mm, frame.top_mm, max(4, round((frame.top_mm - frame.bottom_mm) / _STEP_MM)))
    contours = {
        float(height): contour for height in heights if (contour := _contour(root, frame, blood, height)) is not None
    }
    seen = np.array([*sorted(contours), frame.top_mm]) if contours else np.array([])
    above = seen[seen >= 0]
    if len(above) < 3 or above[0] > _LARGEST_GAP_MM or np.diff(above).max() > _LARGEST_GAP_MM:
        raise NotMeasurable("The root's wall was not found, so calcium cannot be told from what lies beside it.")
    return RootWall.of(contours)


def _contour(root: RootCt, frame: RootFrame, blood: Blood, height_mm: float) -> FloatArray | None:
    plane = Plane(frame.plane.center_lps_mm + height_mm * frame.plane.normal_lps, frame.plane.normal_lps)
    try:
        return frame.coordinates(measure_section(root, plane, blood).contour_lps_mm)[:, :2]
    except NotMeasurable:
        return None


def _polar(contour_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
    middle = Outline(contour_mm).center_mm
    away = contour_mm - middle
    azimuth = np.arctan2(away[:, 1], away[:, 0])
    order = np.argsort(azimuth)
    wanted = np.arange(_AZIMUTHS) * 2 * np.pi / _AZIMUTHS
    return middle, np.interp(wanted, azimuth[order], np.hypot(*away[order].T), period=2 * np.pi)
