"""How high a coronary ostium lies above the annulus plane, straight up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedkd.geometry import Plane
from fedkd.measurement.shapes import Line


def height_line(name: str, plane: Plane, ostium_lps_mm: npt.ArrayLike) -> Line:
    """Return the line from the annulus plane, perpendicular to it, to the ostium."""
    ostium = np.asarray(ostium_lps_mm, float)
    foot = ostium - plane.signed_distance_mm(ostium) * plane.normal_lps
    return Line(name, foot, ostium)
