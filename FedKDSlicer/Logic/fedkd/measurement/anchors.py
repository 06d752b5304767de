"""Places where the contour is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.geometry import FloatArray
from fedkd.measurement.rays import ANGLES


@dataclass(frozen=True)
class Anchors:
    """Points of the contour, as ``azimuths`` and ``radii_mm``, both (n,), about the rays' origin."""

    azimuths: FloatArray
    radii_mm: FloatArray

    @classmethod
    def of(cls, points_mm: FloatArray) -> Anchors:
        """Return points (n, 2) along the plane's axes as anchors."""
        azimuths, radii = np.arctan2(points_mm[:, 1], points_mm[:, 0]) % (2 * np.pi), np.hypot(*points_mm.T)
        order = np.argsort(azimuths)
        return cls(azimuths[order], radii[order])

    def __len__(self) -> int:
        return len(self.azimuths)

    def interpolated_mm(self) -> FloatArray:
        """Return the radius at every ray, linear between the anchors."""
        return np.interp(ANGLES, self.azimuths, self.radii_mm, period=2 * np.pi)
