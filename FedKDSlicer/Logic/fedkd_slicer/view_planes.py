"""Where to look: planes and cameras through the aortic root, computed from the landmarks alone.

Pure geometry in RAS millimeters; nothing here knows of Slicer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.anatomy import HINGE_POINTS, LANDMARK_NAMES, SEPTUM
from fedkd.geometry import LPS_TO_RAS, annulus_plane

FloatArray = npt.NDArray[np.float64]

LEFT = np.array([-1.0, 0.0, 0.0])
ANTERIOR = np.array([0.0, 1.0, 0.0])
SUPERIOR = np.array([0.0, 0.0, 1.0])
# The 3D view is aimed above the annulus, because sinuses, ostia and ascending aorta lie above it.
_RISE_MM = 12.0
# Below this sine two directions are as good as parallel and span no plane worth showing.
_PARALLEL_SINE = 0.05


@dataclass(frozen=True)
class ViewPlane:
    """A plane to show: ``right`` and ``up`` are the unit directions of the image's right and upper edge (RAS)."""

    center_ras_mm: FloatArray
    right: FloatArray
    up: FloatArray

    @property
    def toward_viewer(self) -> FloatArray:
        """Unit normal of the plane, pointing out of the image."""
        return np.cross(self.right, self.up)

    @property
    def plane_to_ras(self) -> FloatArray:
        """4x4 matrix from (right, up, toward the viewer) in mm to RAS mm; a rotation, never a reflection."""
        matrix = np.eye(4)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = self.right, self.up, self.toward_viewer
        matrix[:3, 3] = self.center_ras_mm
        return matrix

    def project_mm(self, point_ras_mm: npt.ArrayLike) -> FloatArray:
        """Return the point's (right, up, toward the viewer) coordinates in mm from the plane's center."""
        offset = np.asarray(point_ras_mm, float) - self.center_ras_mm
        return np.array([offset @ self.right, offset @ self.up, offset @ self.toward_viewer])


@dataclass(frozen=True)
class RootFrame:
    """The aortic root as a frame: the hinge points' circle and the unit ``axis`` toward the ascending aorta (RAS)."""

    center_ras_mm: FloatArray
    axis: FloatArray
    radius_mm: float


def root_frame(positions_ras_mm: Mapping[str, FloatArray]) -> RootFrame | None:
    """Return the frame given by the three hinge points, or None where one is missing or they span no plane."""
    if any(name not in positions_ras_mm for name in HINGE_POINTS):
        return None
    try:
        plane = annulus_plane(*(positions_ras_mm[name] * LPS_TO_RAS for name in HINGE_POINTS))
    except ValueError:
        return None
    center_ras_mm = plane.center_lps_mm * LPS_TO_RAS
    radius_mm = float(np.linalg.norm(positions_ras_mm["RCC"] - center_ras_mm))
    return RootFrame(center_ras_mm, plane.normal_lps * LPS_TO_RAS, radius_mm)


def annulus_view(frame: RootFrame) -> ViewPlane:
    """Return the annulus plane seen from the left ventricle, anterior up, as axial slices are read."""
    up = _unit_in_plane(ANTERIOR, frame.axis)
    if up is None:
        up = _unit_in_plane(SUPERIOR, frame.axis)
    assert up is not None, "an axis cannot be parallel to two orthogonal directions"
    return ViewPlane(frame.center_ras_mm, np.cross(frame.axis, up), up)


def along_axis_view(frame: RootFrame, point_ras_mm: npt.ArrayLike) -> ViewPlane:
    """Return the plane that holds the root's axis and the point, aorta up, centered halfway up to the point's height.

    The patient's left is on the image's right as far as the plane allows. A point on the axis gives
    the plane closest to a coronal one.
    """
    offset = np.asarray(point_ras_mm, float) - frame.center_ras_mm
    height_mm = float(offset @ frame.axis)
    right = _unit_in_plane(offset, frame.axis, smallest_mm=0.5)
    if right is None:
        right = _right_of(frame.axis)
    return ViewPlane(frame.center_ras_mm + frame.axis * height_mm / 2, _facing_reader(right), frame.axis)


def septum_view(frame: RootFrame | None, upper_ras_mm: npt.ArrayLike, lower_ras_mm: npt.ArrayLike) -> ViewPlane:
    """Return the plane that holds both septal points and cuts the septum across, upper point up.

    The second direction leads from the septum to the root's axis, so that septum, aortic root and right heart
    lie side by side. Without a frame it is the patient's left.
    """
    upper, lower = np.asarray(upper_ras_mm, float), np.asarray(lower_ras_mm, float)
    middle = (upper + lower) / 2
    length_mm = float(np.linalg.norm(upper - lower))
    up = (upper - lower) / length_mm if length_mm > 0.1 else (SUPERIOR if frame is None else frame.axis)
    inward = LEFT
    if frame is not None:
        inward = frame.center_ras_mm - middle
        inward = inward - (inward @ frame.axis) * frame.axis
    right = _unit_in_plane(inward, up, smallest_mm=_PARALLEL_SINE)
    if right is None:
        right = _right_of(up)
    return ViewPlane(middle, _facing_reader(right), up)


def axial_view(center_ras_mm: npt.ArrayLike) -> ViewPlane:
    """Return the axial plane through the point, seen from the feet."""
    return ViewPlane(np.asarray(center_ras_mm, float), LEFT, ANTERIOR)


def coronal_view(center_ras_mm: npt.ArrayLike) -> ViewPlane:
    """Return the coronal plane through the point, seen from the front."""
    return ViewPlane(np.asarray(center_ras_mm, float), LEFT, SUPERIOR)


def sagittal_view(center_ras_mm: npt.ArrayLike) -> ViewPlane:
    """Return the sagittal plane through the point, seen from the patient's left."""
    return ViewPlane(np.asarray(center_ras_mm, float), -ANTERIOR, SUPERIOR)


def three_cusp_view(frame: RootFrame, positions_ras_mm: Mapping[str, FloatArray]) -> ViewPlane:
    """Return the view in which the hinge points lie on one line, the right one in front and midway; aorta up.

    In this view TAVI valves are implanted. The direction is that of `fedkd.measurement.angles.three_cusp_view`.
    """
    rcc, lcc, ncc = (positions_ras_mm[name] for name in HINGE_POINTS)
    toward_viewer = _unit_in_plane(rcc - (lcc + ncc) / 2, frame.axis, smallest_mm=0.0)
    assert toward_viewer is not None, "three points on a circle: none lies midway between the others"
    return ViewPlane(_above_annulus(frame), np.cross(frame.axis, toward_viewer), frame.axis)


def c_arm_view(frame: RootFrame, toward_detector: FloatArray) -> ViewPlane:
    """Return what a C-arm with its detector in this direction (unit vector, RAS) shows: the patient's head is up."""
    up = _unit_in_plane(SUPERIOR, toward_detector)
    if up is None:
        up = _unit_in_plane(ANTERIOR, toward_detector)
    assert up is not None, "a direction cannot be parallel to two orthogonal ones"
    return ViewPlane(_above_annulus(frame), np.cross(up, toward_detector), up)


def _above_annulus(frame: RootFrame) -> FloatArray:
    return frame.center_ras_mm + _RISE_MM * frame.axis


def middle_of(positions_ras_mm: Mapping[str, FloatArray]) -> FloatArray | None:
    """Return the best guess of the root's place: mean of the hinge points found, else of all points, else None."""
    names = [name for name in HINGE_POINTS if name in positions_ras_mm]
    if not names:
        names = [name for name in LANDMARK_NAMES if name in positions_ras_mm]
    return np.mean([positions_ras_mm[name] for name in names], axis=0) if names else None


def septum_points(positions_ras_mm: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray] | None:
    """Return upper and lower septal point; a single one found stands for both; None where neither was found."""
    found = [positions_ras_mm[name] for name in SEPTUM if name in positions_ras_mm]
    return (found[0], found[-1]) if found else None


def direction_letters(direction: npt.ArrayLike) -> str:
    """Name a RAS direction with up to two letters, the nearest anatomical direction first: 'L', 'SA', 'IR'."""
    vector = np.asarray(direction, float)
    letters = ["RL"[int(vector[0] < 0)], "AP"[int(vector[1] < 0)], "SI"[int(vector[2] < 0)]]
    order = np.argsort(-np.abs(vector), kind="stable")
    # A component beyond sin(30 degrees) is worth a letter.
    named = [letters[axis] for axis in order if abs(vector[axis]) > 0.5 * np.linalg.norm(vector)]
    return "".join((named or [letters[order[0]]])[:2])


def _unit_in_plane(direction: FloatArray, normal: FloatArray, smallest_mm: float = _PARALLEL_SINE) -> FloatArray | None:
    inside = direction - (direction @ normal) * normal
    length = float(np.linalg.norm(inside))
    return None if length < smallest_mm else inside / length


def _right_of(up: FloatArray) -> FloatArray:
    right = _unit_in_plane(LEFT, up)
    if right is None:
        right = _unit_in_plane(-ANTERIOR, up)
    assert right is not None, "a direction cannot be parallel to two orthogonal ones"
    return right


def _facing_reader(right: FloatArray) -> FloatArray:
    """Return ``right`` or its opposite: with the patient's left on the image's right, else posterior there."""
    if abs(right[0]) > _PARALLEL_SINE:
        return right if right[0] < 0 else -right
    return right if right[1] < 0 else -right
