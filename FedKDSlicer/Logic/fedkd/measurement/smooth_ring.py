"""A smooth closed line through radii of which some are wrong and some missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from fedkd.geometry import FloatArray
from fedkd.measurement.anchors import Anchors
from fedkd.measurement.rays import ANGLES, Booleans

# Widths of the fit's tolerance, one a round: wide at first, so that it does not depend on where it begins.
_TOLERANCES_MM = (2.0, 1.2, 0.8, 0.5, 0.35, 0.3, 0.3)
# A coronary's mouth, 5 mm wide, bulges outward on fewer than half of so many rays.
_OSTIUM_RAYS = 15
_OSTIUM_MM = 0.4
_ANCHOR_RAD = 0.12  # a leaflet's root is about 3 mm wide
_ANCHOR_WEIGHT = 2.0
# An anchor counts that lies so far outside the edge that is seen.
_INTO_BLOOD_MM, _INTO_WALL_MM = -1.0, 4.0


@dataclass(frozen=True)
class Smoothness:
    """A periodic smoothing spline: waves around the ring faster than ``waves`` are damped."""

    waves: float

    @cached_property
    def basis(self) -> FloatArray:
        """Cosines and sines at the rays, shape (rays, 2 k + 1)."""
        k = np.arange(1, round(2 * self.waves) + 1)
        return np.concatenate(
            [np.ones((len(ANGLES), 1)), np.cos(ANGLES[:, None] * k), np.sin(ANGLES[:, None] * k)], axis=1
        )

    @cached_property
    def penalty(self) -> FloatArray:
        """Penalty of each column of the basis, on the third derivative."""
        k = np.arange(1, round(2 * self.waves) + 1)
        damped = len(ANGLES) / 2 * (k / self.waves) ** 6
        return np.concatenate([[0.0], damped, damped])

    def fit(self, radius_mm: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the smooth radius at every ray."""
        weighted = self.basis * weight[:, None]
        coefficients = np.linalg.solve(weighted.T @ self.basis + np.diag(self.penalty), weighted.T @ radius_mm)
        return np.asarray(self.basis @ coefficients)


RING = Smoothness(7.0)  # outflow tract, annulus, junction, aorta: ellipses and eggs
SINUSES = Smoothness(26.0)  # three lobes with edges between them


def smooth_ring(radius_mm: FloatArray, seen: Booleans, smoothness: Smoothness, known: Anchors) -> FloatArray:
    """Return the smooth radius at every ray, shape (rays,); what is far from it does not count (Geman and McClure).

    An anchor outside the edge that is seen stands for a leaflet's root, which hides the wall; one well inside the
    blood, or far outside, is wrong and does not count.
    """
    usual = ndimage.median_filter(radius_mm, _OSTIUM_RAYS, mode="wrap")
    mouth = ndimage.maximum_filter1d(radius_mm > usual + _OSTIUM_MM, 5, mode="wrap")
    weight = (seen & ~mouth).astype(float)
    fitted = _robust_fit(radius_mm, weight, smoothness)
    if not len(known):
        return fitted
    outward = known.radii_mm - np.interp(known.azimuths, ANGLES, fitted, period=2 * np.pi)
    radius_mm, weight = radius_mm.copy(), weight.copy()
    for azimuth, radius, ahead in zip(known.azimuths, known.radii_mm, outward, strict=True):
        if _INTO_BLOOD_MM < ahead < _INTO_WALL_MM:
            near = np.abs((ANGLES - azimuth + np.pi) % (2 * np.pi) - np.pi) < _ANCHOR_RAD
            radius_mm[near], weight[near] = radius, _ANCHOR_WEIGHT
    return _robust_fit(radius_mm, weight, smoothness)


def _robust_fit(radius_mm: FloatArray, weight: FloatArray, smoothness: Smoothness) -> FloatArray:
    fitted = smoothness.fit(radius_mm, weight + 1e-3)
    for tolerance in _TOLERANCES_MM:
        robust = weight / (1 + ((radius_mm - fitted) / tolerance) ** 2) ** 2
        fitted = smoothness.fit(radius_mm, robust + 1e-6)
    return fitted
