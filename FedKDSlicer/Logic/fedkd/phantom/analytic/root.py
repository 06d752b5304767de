"""An aortic root of exact shape, with valve, ascending aorta, neighbors and calcium, in LPS mm.

The geometry up to the sinotubular junction is `fedkd.phantom.root_shape`, the one of the random patients, here
without anything random and without a body that bends it: its annulus is an exact ellipse in a plane.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import FloatArray, Grid, Plane
from fedkd.phantom.analytic.aorta import BentAorta
from fedkd.phantom.leaflets import Leaflets, LeafletSurface
from fedkd.phantom.parameters import RootParameters
from fedkd.phantom.root_shape import RootShape

PointLps = tuple[float, float, float]

_MARGIN_MM = 24.0  # around the axis: the widest sinus, its wall, and some of what lies behind


def _radians(*degrees: float) -> tuple[float, ...]:
    return tuple(np.deg2rad(degrees).tolist())


STANDARD_PARAMETERS = RootParameters(
    axis=np.array([-0.63, -0.17, 0.72]),
    annulus_diameter_mm=24.0,
    annulus_ellipticity=1.25,
    annulus_major_azimuth=float(np.deg2rad(65)),
    hinge_azimuths=_radians(20, 137, 265),  # type: ignore[arg-type]
    commissure_azimuths=_radians(79, 201, 322),  # type: ignore[arg-type]
    commissure_height_mm=17.0,
    junction_height_mm=21.0,
    junction_radius_mm=13.2,
    sinus_bulge_mm=(4.2, 3.8, 4.5),
    outflow_ellipticity=1.45,
    outflow_scale=0.97,
    wall_mm=1.6,
    ostium_azimuths=_radians(8, 142),  # type: ignore[arg-type]
    ostium_heights_mm=(16.0, 13.5),
    septum_azimuth=float(np.deg2rad(296)),
    septum_top_mm=-0.5,
    septum_bottom_mm=-6.5,
)
CLOSED_LEAFLETS = Leaflets(
    is_open=False,
    opening=0.8,
    center_height_mm=6.0,
    belly=1.6,
    contact_height_mm=5.0,
    contact_part=1.0,
    thickness_mm=0.9,
    mitral_direction=np.array([0.0, 0.0, -1.0]),
    mitral_half_thickness_mm=0.7,
    mitral_half_width_mm=12.0,
    mitral_length_mm=20.0,
)


@dataclass(frozen=True)
class Blob:
    """A ball of calcium. ``part``: rcc, lcc, ncc or lvot, where its whole volume belongs to."""

    center_lps_mm: PointLps
    radius_mm: float
    hu: float
    part: str

    @property
    def volume_mm3(self) -> float:
        """Return its exact volume."""
        return 4 / 3 * np.pi * self.radius_mm**3


@dataclass(frozen=True)
class Tissues:
    """HU of what the phantom consists of."""

    blood: float = 400.0
    left_atrium: float = 360.0
    right_atrium: float = 260.0
    muscle: float = 120.0
    wall: float = 60.0
    leaflet: float = 70.0
    fat: float = -90.0


@dataclass(frozen=True)
class AnalyticRoot:
    """One root.

    Args:
        parameters: shape up to the sinotubular junction.
        center_lps_mm: middle of the annulus.
        aorta: ascending aorta; None: one that widens by 6 % above the junction and bends.
        tissues: HU.
        leaflets: the valve; None: no leaflets at all.
        blobs: calcium.
    """

    parameters: RootParameters = STANDARD_PARAMETERS
    center_lps_mm: PointLps = (0.0, 0.0, 0.0)
    aorta: BentAorta | None = None
    tissues: Tissues = field(default_factory=Tissues)
    leaflets: Leaflets | None = CLOSED_LEAFLETS
    blobs: tuple[Blob, ...] = ()

    @property
    def shape(self) -> RootShape:
        """The root up to the junction, in its own frame."""
        return RootShape(self.parameters)

    @property
    def ascending(self) -> BentAorta:
        """The ascending aorta."""
        p = self.parameters
        return self.aorta or BentAorta(p.junction_height_mm, p.junction_radius_mm, p.junction_radius_mm * 1.06)

    @property
    def plane(self) -> Plane:
        """The annulus plane; its center is the middle of the ellipse."""
        return Plane(np.array(self.center_lps_mm), self.shape.axis)

    def to_root(self, points_lps_mm: npt.ArrayLike) -> FloatArray:
        """Map LPS points, shape (..., 3), into the root's frame (see `root_shape`)."""
        return (np.asarray(points_lps_mm, float) - self.center_lps_mm) @ self.shape.frame.T

    def to_lps(self, root_mm: npt.ArrayLike) -> FloatArray:
        """Map points of the root's frame, shape (..., 3), to LPS."""
        return np.asarray(root_mm, float) @ self.shape.frame + self.center_lps_mm

    def at(self, azimuth: float, radius_mm: float, height_mm: float) -> PointLps:
        """Return the LPS point with these cylindrical coordinates in the root's frame."""
        x, y, z = self.to_lps([radius_mm * np.cos(azimuth), radius_mm * np.sin(azimuth), height_mm])
        return float(x), float(y), float(z)

    def on_leaflet(self, azimuth: float, part: float) -> PointLps:
        """Return a point of a leaflet: ``part`` runs from 0 at the attachment to 1 at the free edge."""
        x, y, z = LeafletSurface(self.shape, self.leaflets or CLOSED_LEAFLETS).point(azimuth, part) + self.center_lps_mm
        return float(x), float(y), float(z)

    def landmarks_lps_mm(self) -> dict[str, PointLps]:
        """Return the seven exact landmarks."""
        points = self.shape.landmarks()
        moved = {name: points[name] + self.center_lps_mm for name in LANDMARK_NAMES}
        return {name: (float(x), float(y), float(z)) for name, (x, y, z) in moved.items()}

    def outside_lumen_mm(self, points_lps_mm: npt.ArrayLike) -> FloatArray:
        """Return how far points lie outside the lumen, across its axis; negative inside; shape (..., 3) to (...)."""
        points = self.to_root(points_lps_mm)
        height = points[..., 2]
        azimuth = np.arctan2(points[..., 1], points[..., 0])
        radius = np.hypot(points[..., 0], points[..., 1])
        in_root = radius - self.shape.inner_radius_mm(azimuth, height)
        along, away = self.ascending.along_and_away_mm(points)
        return np.where(
            height <= self.parameters.junction_height_mm, in_root, away - self.ascending.radius_at_mm(along)
        )

    def grid(self, spacing_mm: tuple[float, float, float], turn_lps: npt.ArrayLike | None = None) -> Grid:
        """Return a grid that holds the root from 14 mm below to 55 mm above the annulus.

        ``turn_lps``: 3x3, its columns are the grid's axes in LPS; None: along the patient.
        """
        axes = np.eye(3) if turn_lps is None else np.asarray(turn_lps, float)
        middles = np.array([self.to_lps(self.ascending.point(along)) for along in (-14.0, 20.0, 55.0)]) @ axes
        low, high = middles.min(axis=0) - _MARGIN_MM, middles.max(axis=0) + _MARGIN_MM
        i, j, k = (int(count) for count in np.ceil((high - low) / spacing_mm))
        x, y, z = (float(part) for part in axes @ low)
        return Grid((i, j, k), spacing_mm, (x, y, z), tuple(axes.ravel().tolist()))
