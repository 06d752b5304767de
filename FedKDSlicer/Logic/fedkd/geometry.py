"""Grids, planes and circles in LPS millimeters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

FloatArray = npt.NDArray[np.float64]

LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])  # also RAS to LPS; used only at Slicer's border

# Files keep fewer digits than memory does.
SAME_PLACE_MM = 0.01


def is_same_place(one_mm: Sequence[float] | None, other_mm: Sequence[float] | None) -> bool:
    """True when two points, (x, y, z) in mm, are one but for the digits that files lose; None is nowhere.

    Two that are nowhere are at the same place.
    """
    if one_mm is None or other_mm is None:
        return one_mm is other_mm
    return math.dist(one_mm, other_mm) <= SAME_PLACE_MM


@dataclass(frozen=True)
class Grid:
    """A voxel grid in space.

    Args:
        size_xyz: number of voxels along the axes i, j, k.
        spacing_mm: distance between voxel centers along i, j, k.
        origin_lps_mm: center of voxel (0, 0, 0).
        direction: 9 numbers, row by row; the columns are the unit vectors of i, j, k in LPS.
    """

    size_xyz: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    origin_lps_mm: tuple[float, float, float]
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

    @classmethod
    def of(cls, image: sitk.Image) -> Grid:
        """Return the grid of a 3D image."""
        return cls(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())

    @classmethod
    def centered(cls, center_lps_mm: npt.ArrayLike, size_xyz: tuple[int, int, int], spacing_mm: float) -> Grid:
        """Return an axis-aligned LPS grid with isotropic voxels whose middle is ``center_lps_mm``."""
        half_mm = (np.array(size_xyz) - 1) * spacing_mm / 2
        origin = np.asarray(center_lps_mm, float) - half_mm
        return cls(size_xyz, (spacing_mm,) * 3, (float(origin[0]), float(origin[1]), float(origin[2])))

    def turned(self, turn_lps: npt.ArrayLike) -> Grid:
        """Return this grid turned about its middle by the 3x3 rotation matrix ``turn_lps``."""
        turn = np.asarray(turn_lps, float)
        middle = self.index_to_lps((np.array(self.size_xyz) - 1) / 2)
        origin = middle + turn @ (np.array(self.origin_lps_mm) - middle)
        direction = turn @ np.array(self.direction).reshape(3, 3)
        return replace(self, origin_lps_mm=tuple(origin.tolist()), direction=tuple(direction.ravel().tolist()))

    def to_image(self, array_zyx: npt.NDArray[np.generic]) -> sitk.Image:
        """Return an array of this grid's voxels, axes ``zyx``, as an image."""
        image = sitk.GetImageFromArray(array_zyx)
        image.SetSpacing(self.spacing_mm)
        image.SetOrigin(self.origin_lps_mm)
        image.SetDirection(self.direction)
        return image

    @property
    def index_to_lps_matrix(self) -> FloatArray:
        """3x3 matrix from voxel index (i, j, k) offsets to LPS mm offsets."""
        return np.array(self.direction).reshape(3, 3) @ np.diag(self.spacing_mm)

    def index_to_lps(self, index_xyz: npt.ArrayLike) -> FloatArray:
        """Map continuous indices, shape (..., 3) ordered i, j, k, to LPS mm."""
        return np.asarray(index_xyz, float) @ self.index_to_lps_matrix.T + self.origin_lps_mm

    def lps_to_index(self, lps_mm: npt.ArrayLike) -> FloatArray:
        """Map LPS mm, shape (..., 3), to continuous indices ordered i, j, k."""
        return (np.asarray(lps_mm, float) - self.origin_lps_mm) @ np.linalg.inv(self.index_to_lps_matrix).T

    def contains(self, lps_mm: npt.ArrayLike) -> bool:
        """True when the point lies inside the grid, half a voxel beyond the outer centers included."""
        index = self.lps_to_index(lps_mm)
        return bool(np.all(index >= -0.5) and np.all(index <= np.array(self.size_xyz) - 0.5))

    def bounds_lps_mm(self) -> tuple[FloatArray, FloatArray]:
        """Return the smallest and largest LPS coordinates of the grid's outer voxel faces."""
        ends = np.array([(-0.5, size - 0.5) for size in self.size_xyz])
        corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
        lps = self.index_to_lps(corners)
        return lps.min(axis=0), lps.max(axis=0)


@dataclass(frozen=True)
class Plane:
    """A plane through ``center_lps_mm`` with unit ``normal_lps``."""

    center_lps_mm: FloatArray
    normal_lps: FloatArray

    def signed_distance_mm(self, point_lps_mm: npt.ArrayLike) -> float:
        """Positive on the side the normal points to."""
        return float((np.asarray(point_lps_mm, float) - self.center_lps_mm) @ self.normal_lps)


def annulus_plane(rcc_lps_mm: npt.ArrayLike, lcc_lps_mm: npt.ArrayLike, ncc_lps_mm: npt.ArrayLike) -> Plane:
    """Return the plane through the three hinge points; center: middle of the circle through them.

    The normal points to the ascending aorta: seen from there, RCC, LCC and NCC run counterclockwise.

    Raises:
        ValueError: the points are (nearly) on one line.
    """
    rcc, lcc, ncc = (np.asarray(point, float) for point in (rcc_lps_mm, lcc_lps_mm, ncc_lps_mm))
    u, v = lcc - rcc, ncc - rcc
    cross = np.cross(u, v)
    area2 = float(np.linalg.norm(cross))
    longest = max(np.linalg.norm(u), np.linalg.norm(v), np.linalg.norm(ncc - lcc))
    if area2 < 1e-3 * longest**2 or longest == 0:
        raise ValueError("the three hinge points lie on one line")
    offset = np.cross((u @ u) * v - (v @ v) * u, cross) / (2 * area2**2)
    return Plane(rcc + offset, cross / area2)


def hinge_circle_diameter_mm(rcc_lps_mm: npt.ArrayLike, lcc_lps_mm: npt.ArrayLike, ncc_lps_mm: npt.ArrayLike) -> float:
    """Return the diameter of the circle through the three hinge points."""
    plane = annulus_plane(rcc_lps_mm, lcc_lps_mm, ncc_lps_mm)
    return 2 * float(np.linalg.norm(np.asarray(rcc_lps_mm, float) - plane.center_lps_mm))
