"""What an analytic root consists of at a point: one tissue, never a mixture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedkd.geometry import FloatArray
from fedkd.phantom.analytic.root import AnalyticRoot
from fedkd.phantom.leaflets import Leaflets, LeafletSurface
from fedkd.phantom.root_shape import azimuth_difference

NEIGHBORHOOD_MM = 14.0  # beyond it all is fat
_REACH_MM = 40.0  # no lumen and its neighborhood reach farther from the axis
_CORONARY_RADIUS_MM = 1.8
_CORONARY_LENGTH_MM = 12.0
_SLOPE_STEP_MM = 0.3

Booleans = npt.NDArray[np.bool_]


def hu_at(root: AnalyticRoot, points_lps_mm: FloatArray) -> npt.NDArray[np.float32]:
    """Return HU at LPS points, shape (..., 3) to (...), float32."""
    shape, points = points_lps_mm.shape[:-1], points_lps_mm.reshape(-1, 3)
    hu = np.full(len(points), root.tissues.fat, np.float32)
    root_mm = root.to_root(points)
    near = np.flatnonzero(root.ascending.along_and_away_mm(root_mm)[1] < _REACH_MM)
    outside = root.outside_lumen_mm(points[near])
    near, outside = near[outside < NEIGHBORHOOD_MM], outside[outside < NEIGHBORHOOD_MM]
    hu[near] = _around_lumen(root, root_mm[near], outside)
    for blob in root.blobs:
        hu[((points - blob.center_lps_mm) ** 2).sum(axis=-1) < blob.radius_mm**2] = blob.hu
    return hu.reshape(shape)


def _around_lumen(root: AnalyticRoot, root_mm: FloatArray, outside_mm: FloatArray) -> npt.NDArray[np.float32]:
    tissues, p = root.tissues, root.parameters
    azimuth, height = np.arctan2(root_mm[:, 1], root_mm[:, 0]), root_mm[:, 2]
    behind_curtain = np.abs(azimuth_difference(azimuth, (p.hinge_azimuths[1] + p.hinge_azimuths[2]) / 2)) < 0.8
    near_right_atrium = np.abs(azimuth_difference(azimuth, p.commissure_azimuths[2])) < 0.45
    hu = np.full(len(root_mm), tissues.fat, np.float32)
    hu[height < 3] = tissues.muscle
    hu[near_right_atrium & (height > 3) & (height < 24) & (outside_mm > p.wall_mm + 1)] = tissues.right_atrium
    hu[behind_curtain & (height > -9) & (height < 24)] = tissues.left_atrium
    # Below the annulus muscle has no wall of its own; the curtain between aorta and mitral valve is one.
    hu[(outside_mm < p.wall_mm) & (behind_curtain | (height > 0))] = tissues.wall
    for ostium_azimuth, ostium_height in zip(p.ostium_azimuths, p.ostium_heights_mm, strict=True):
        hu[_in_coronary(root, root_mm, ostium_azimuth, ostium_height)] = tissues.blood
    inside = np.flatnonzero(outside_mm < 0)
    hu[inside] = tissues.blood
    if root.leaflets is not None:
        hu[inside[_in_leaflet(root, root.leaflets, root_mm[inside])]] = tissues.leaflet
    return hu


def _in_coronary(root: AnalyticRoot, root_mm: FloatArray, azimuth: float, height_mm: float) -> Booleans:
    """Return whether points lie in the straight artery that leaves the sinus at right angles to the axis."""
    outward = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    wall = float(root.shape.inner_radius_mm([azimuth], [height_mm])[0])
    along = root_mm @ outward
    aside = np.hypot(root_mm @ np.array([-outward[1], outward[0], 0.0]), root_mm[:, 2] - height_mm)
    return (aside < _CORONARY_RADIUS_MM) & (along > wall - 2) & (along < wall + _CORONARY_LENGTH_MM)


def _in_leaflet(root: AnalyticRoot, leaflets: Leaflets, root_mm: FloatArray) -> Booleans:
    """Return whether points of the lumen lie in a leaflet; the surfaces are those of the random patients."""
    inside = np.zeros(len(root_mm), bool)
    top = root.parameters.commissure_height_mm + 3
    near = np.flatnonzero((root_mm[:, 2] > -2) & (root_mm[:, 2] < top))
    radius = np.hypot(root_mm[near, 0], root_mm[near, 1]).astype(np.float32)
    azimuth = np.arctan2(root_mm[near, 1], root_mm[near, 0]).astype(np.float32)
    surface, height = LeafletSurface(root.shape, leaflets), root_mm[near, 2].astype(np.float32)
    part = _in_open_leaflet if leaflets.is_open else _in_closed_leaflet
    inside[near] = part(surface, azimuth, radius, height)
    return inside


def _in_open_leaflet(
    surface: LeafletSurface,
    azimuth: npt.NDArray[np.float32],
    radius_mm: npt.NDArray[np.float32],
    height_mm: npt.NDArray[np.float32],
) -> Booleans:
    at = surface.root.cusp_position(azimuth)
    free_edge = surface.root.parameters.commissure_height_mm + 2 - 2 * (1 - at.to_commissure)
    in_sheet = np.abs(radius_mm - surface.open_radius_mm(azimuth, height_mm)) < surface.leaflets.thickness_mm / 2
    return in_sheet & (height_mm > at.attachment_mm - 0.5) & (height_mm < free_edge)


def _in_closed_leaflet(
    surface: LeafletSurface,
    azimuth: npt.NDArray[np.float32],
    radius_mm: npt.NDArray[np.float32],
    height_mm: npt.NDArray[np.float32],
) -> Booleans:
    leaflets, p = surface.leaflets, surface.root.parameters
    step = np.float32(_SLOPE_STEP_MM)
    sheet = surface.closed_height_mm(azimuth, radius_mm)
    outward = surface.closed_height_mm(azimuth, radius_mm + step) - sheet
    turned = np.asarray(azimuth + step / np.maximum(radius_mm, 2), np.float32)
    slope = np.sqrt(1 + (outward**2 + (surface.closed_height_mm(turned, radius_mm) - sheet) ** 2) / step**2)
    belly = np.abs(height_mm - sheet) / np.minimum(slope, 4) < leaflets.thickness_mm / 2
    aside = np.min([np.abs(azimuth_difference(azimuth, c)) for c in p.commissure_azimuths], axis=0) * radius_mm
    inward = np.asarray(radius_mm / np.maximum(surface.attachment_radius_mm(azimuth), 1), np.float32)
    edge = surface.edge_height_mm(inward)
    contact_mm = leaflets.contact_height_mm * (1 - 0.5 * np.clip(inward, 0, 1))
    in_contact = (height_mm > edge) & (height_mm < edge + contact_mm)
    contact = (aside < leaflets.thickness_mm * leaflets.contact_part / 2) & in_contact
    return (belly & (height_mm < p.commissure_height_mm + 1)) | contact
