"""Height, direction and sector of a point in the root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.anatomy import CALCIFIED_PART_LABELS
from fedkd.geometry import FloatArray, Plane, hinge_circle_diameter_mm
from fedkd.measurement.quantity import NotMeasurable

# SCCT's reports describe the outflow tract just below the annulus, where the prosthesis comes to lie; farther down
# calcium of the mitral annulus begins.
OUTFLOW_DEPTH_MM = 10.0
# Height of the sinuses over the annulus' diameter: 1.69 +- 0.18 radii in 150 patients (monaldi.2019.1022). The leaflets
# end lower, at 0.75 diameters (+- 0.12), so a junction far below would cut the valve off.
_USUAL_TOP = 1.69 / 2
_PLAUSIBLE_TOP = (0.65, 1.6)  # parts of the usual height

_TURN = 2 * np.pi


@dataclass(frozen=True)
class RootFrame:
    """The valve's part of the root: from the outflow tract to the sinotubular junction, in three sectors.

    Commissures are no landmarks. Each is taken to lie in the middle between the azimuths of the two hinge points
    beside it, which holds for three cusps of their usual shape; a bicuspid valve has other borders.

    Args:
        plane: of the annulus, with the middle of its lumen; the normal points to the ascending aorta.
        across_lps: (2, 3) unit vectors in the plane; the first points to the hinge point of the right cusp.
        hinge_azimuths: of RCC, LCC, NCC; radians from the first vector, 0 = RCC < LCC < NCC < 2 pi.
        top_mm: height of the upper end above the plane, the sinotubular junction.
        top_is_assumed: the junction was not found, or not where one can be; the end is where it usually is.
        bottom_mm: height of the lower end, negative.
    """

    plane: Plane
    across_lps: FloatArray
    hinge_azimuths: tuple[float, float, float]
    top_mm: float
    top_is_assumed: bool = False
    bottom_mm: float = -OUTFLOW_DEPTH_MM

    @classmethod
    def of(cls, plane: Plane, hinges_lps_mm: npt.ArrayLike, junction_height_mm: float | None) -> RootFrame:
        """Return the frame of a root.

        Args:
            plane: the annulus plane, its center in the middle of the lumen, as of the measured section.
            hinges_lps_mm: RCC, LCC, NCC, shape (3, 3).
            junction_height_mm: of the sinotubular junction above the plane; None: not found, as in a root whose
                junction is effaced. Then, and where it is implausible, the usual height is taken, and said.

        Raises:
            NotMeasurable: the hinge points do not lie around the middle.
        """
        away = np.asarray(hinges_lps_mm, float) - plane.center_lps_mm
        first = away[0] - (away[0] @ plane.normal_lps) * plane.normal_lps
        first = first / np.linalg.norm(first)
        across = np.stack([first, np.cross(plane.normal_lps, first)])
        _, lcc, ncc = np.arctan2(away @ across[1], away @ across[0]) % _TURN
        if not 0 < lcc < ncc:
            raise NotMeasurable("The hinge points do not lie around the middle of the annulus.")
        usual = _USUAL_TOP * hinge_circle_diameter_mm(*np.asarray(hinges_lps_mm, float))
        low, high = (part * usual for part in _PLAUSIBLE_TOP)
        found = junction_height_mm is not None and low <= junction_height_mm <= high
        top = junction_height_mm if junction_height_mm is not None and found else usual
        return cls(plane, across, (0.0, float(lcc), float(ncc)), top, not found)

    @property
    def commissure_azimuths(self) -> tuple[float, float, float]:
        """Between RCC and LCC, LCC and NCC, NCC and RCC; radians, rising."""
        rcc, lcc, ncc = self.hinge_azimuths
        return (rcc + lcc) / 2, (lcc + ncc) / 2, (ncc + rcc + _TURN) / 2

    def coordinates(self, points_lps_mm: npt.ArrayLike) -> FloatArray:
        """Return points (..., 3) as two coordinates across, along `across_lps`, and height above the plane, in mm."""
        axes = np.vstack([self.across_lps, self.plane.normal_lps])
        return (np.asarray(points_lps_mm, float) - self.plane.center_lps_mm) @ axes.T

    def to_lps(self, coordinates_mm: npt.ArrayLike) -> FloatArray:
        """Undo `coordinates`."""
        axes = np.vstack([self.across_lps, self.plane.normal_lps])
        return np.asarray(coordinates_mm, float) @ axes + self.plane.center_lps_mm

    def part_labels(self, coordinates_mm: FloatArray) -> npt.NDArray[np.uint8]:
        """Return the part's label of each point (n, 3) of the root's coordinates; heights are not limited here."""
        azimuths = np.arctan2(coordinates_mm[:, 1], coordinates_mm[:, 0]) % _TURN
        first, second, third = self.commissure_azimuths
        sector = np.searchsorted(np.array([first, second, third]), azimuths, side="right") % 3
        return np.where(coordinates_mm[:, 2] < 0, CALCIFIED_PART_LABELS["lvot"], sector + 1).astype(np.uint8)
