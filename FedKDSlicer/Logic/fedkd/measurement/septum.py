"""The membranous septum: how long it is, where it lies, and what its length means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedkd.measurement.shapes import Line

# The bands of published TAVI cohorts (INTERSECT, 1811 patients; Erasmus, 653 patients): a short septum goes with
# conduction disturbances after TAVI.
SHORT_BELOW_MM = 3.0
LONG_ABOVE_MM = 6.0
SHORT, INTERMEDIATE, LONG = "short (< 3 mm)", "intermediate (3 to 6 mm)", "long (> 6 mm)"


def septum_length_mm(ms1_lps_mm: npt.ArrayLike, ms2_lps_mm: npt.ArrayLike) -> float:
    """Return the straight distance between the upper and the lower point."""
    return float(np.linalg.norm(np.asarray(ms1_lps_mm, float) - np.asarray(ms2_lps_mm, float)))


def risk_band(length_mm: float) -> str:
    """Return the band of a septum's length; 3 and 6 mm belong to the middle one."""
    if length_mm < SHORT_BELOW_MM:
        return SHORT
    return LONG if length_mm > LONG_ABOVE_MM else INTERMEDIATE


def septum_line(ms1_lps_mm: npt.ArrayLike, ms2_lps_mm: npt.ArrayLike) -> Line:
    """Return the line from the upper to the lower point."""
    return Line("Membranous septum", np.asarray(ms1_lps_mm, float), np.asarray(ms2_lps_mm, float))
