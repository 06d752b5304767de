"""Places where the contour is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray, Plane
from fedkd.measurement.outline import plane_axes
from fedkd.measurement.rays import ANGLES


@dataclass(frozen=True)
class Anchors:
    """Points of the contour, as ``azimuths`` and ``radii_mm``, both (n,), about the rays' origin."""

    azimuths: FloatArray
    radii_mm: FloatArray

    @classmethod
    def of(cls, points_lps_mm: npt.ArrayLike, plane: Plane) -> Anchors:
        """Return points (n, 3), seen along the plane's normal, about the plane's center."""
        offsets = np.asarray(points_lps_mm, float).reshape(-1, 3) - plane.center_lps_mm
        x, y = np.stack(plane_axes(plane)) @ offsets.T
        azimuths = np.arctan2(y, x) % (2 * np.pi)
        order = np.argsort(azimuths)
        return cls(azimuths[order], np.hypot(x, y)[order])

    def __len__(self) -> int:
        return len(self.azimuths)

    def interpolated_mm(self) -> FloatArray:
        """Return the radius at every ray, linear between the anchors."""
        return np.interp(ANGLES, self.azimuths, self.radii_mm, period=2 * np.pi)
