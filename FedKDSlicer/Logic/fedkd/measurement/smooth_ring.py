"""A smooth closed line through radii of which some are wrong and some missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from fedkd.geometry import FloatArray
from fedkd.measurement.rays import ANGLES, Booleans

# Widths of the fit's tolerance, one a round: wide at first, so that it does not depend on where it begins.
_TOLERANCES_MM = (2.0, 1.2, 0.8, 0.5, 0.35, 0.3, 0.3)
# A coronary's mouth, 5 mm wide, bulges outward on fewer than half of so many rays.
_OSTIUM_RAYS = 15
_OSTIUM_MM = 0.5


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


RING = Smoothness(5.0)  # outflow tract, annulus, junction, aorta: ellipses and eggs
SINUSES = Smoothness(20.0)  # three lobes with edges between them


def smooth_ring(radius_mm: FloatArray, seen: Booleans, smoothness: Smoothness) -> FloatArray:
    """Return the smooth radius at every ray, shape (rays,); what is far from it does not count (Geman and McClure)."""
    usual = ndimage.median_filter(radius_mm, _OSTIUM_RAYS, mode="wrap")
    weight = (seen & (radius_mm < usual + _OSTIUM_MM)).astype(float)
    fitted = smoothness.fit(radius_mm, weight + 1e-3)
    for tolerance in _TOLERANCES_MM:
        robust = weight / (1 + ((radius_mm - fitted) / tolerance) ** 2) ** 2
        fitted = smoothness.fit(radius_mm, robust + 1e-6)
    return fitted
