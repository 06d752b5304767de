"""The aortic valve's leaflets, closed or open, and the anterior mitral leaflet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.canvas import Canvas
from fedkd.phantom.chambers import LeftVentricle
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_paint import RootRegion
from fedkd.phantom.root_shape import RootShape, azimuth_difference
from fedkd.phantom.shapes import Floats, Vector, unit

_SLOPE_STEP_MM = 0.5


@dataclass(frozen=True)
class Leaflets:
    """State and shape of the aortic leaflets and of the mitral leaflet beside them."""

    is_open: bool
    opening: float  # inner radius at the free edge of an open valve, as part of the annulus'
    center_height_mm: float  # where the closed leaflets meet on the axis
    belly: float  # exponent: how the closed leaflet sags
    contact_height_mm: float
    contact_part: float
    thickness_mm: float
    mitral_direction: Vector
    mitral_half_thickness_mm: float
    mitral_half_width_mm: float
    mitral_length_mm: float


def draw_leaflets(rng: np.random.Generator, root: RootShape, ventricle: LeftVentricle) -> Leaflets:
    """Draw them; planning CTs are gated, most show a closed valve."""
    return Leaflets(
        is_open=bool(rng.uniform() < 0.3),
        opening=rng.uniform(0.62, 0.92),
        center_height_mm=rng.uniform(0.2, 0.5) * root.parameters.commissure_height_mm,
        belly=rng.uniform(1.0, 2.2),
        contact_height_mm=rng.uniform(3, 8),
        contact_part=rng.uniform(0.6, 1.4),
        thickness_mm=rng.uniform(0.4, 2.0),
        # From across the outflow tract (open, diastole) to straight down (closed, systole).
        mitral_direction=unit(ventricle.along - root.axis * rng.uniform(0.2, 1.6) + rng.normal(0, 0.15, 3)),
        mitral_half_thickness_mm=rng.uniform(0.4, 1.0),
        mitral_half_width_mm=rng.uniform(10, 16),
        mitral_length_mm=rng.uniform(16, 25),
    )


class LeafletSurface:
    """Where the leaflets are: height over (azimuth, radius) when closed, radius over (azimuth, height) when open."""

    def __init__(self, root: RootShape, leaflets: Leaflets) -> None:
        self.root = root
        self.leaflets = leaflets

    def attachment_radius_mm(self, azimuth: Floats) -> Floats:
        """Return the inner radius at the attachment line."""
        return self.root.inner_radius_mm(azimuth, self.root.cusp_position(azimuth).attachment_mm)

    def edge_height_mm(self, inward: Floats) -> Floats:
        """Return the free edge's height; ``inward`` is the radius as part of the attachment's (1 at the wall)."""
        center, top = self.leaflets.center_height_mm, self.root.parameters.commissure_height_mm
        return np.asarray(center + (top - center) * np.clip(inward, 0, 1) ** 1.3, np.float32)

    def closed_height_mm(self, azimuth: Floats, radius_mm: Floats) -> Floats:
        """Return the closed leaflet's height: from the attachment down the belly and up to the middle."""
        at = self.root.cusp_position(azimuth)
        wall = self.attachment_radius_mm(azimuth)
        inward = radius_mm / wall
        clipped = np.clip(inward, 0, 1)
        sag = self.leaflets.center_height_mm * (1 - clipped) ** self.leaflets.belly
        share = at.to_commissure**2
        height = sag * (1 - share) + self.edge_height_mm(clipped) * share
        return np.where(inward > 1, at.attachment_mm - (inward - 1) * wall * 0.3, height).astype(np.float32)

    def open_radius_mm(self, azimuth: Floats, height_mm: Floats) -> Floats:
        """Return the open leaflet's distance from the axis: at the wall below, inward at the free edge."""
        at = self.root.cusp_position(azimuth)
        rise = np.clip(height_mm - at.attachment_mm, 0, 12) / 12
        return np.asarray(self.attachment_radius_mm(azimuth) * (1 - rise * (1 - self.leaflets.opening)), np.float32)

    def point(self, azimuth: float, part: float) -> Vector:
        """Return a point on the leaflet, phantom's frame; ``part`` runs from 0 at the attachment to 1 at the edge."""
        angle = np.array([azimuth], np.float32)
        if self.leaflets.is_open:
            attachment = self.root.cusp_position(angle).attachment_mm
            top = self.root.parameters.commissure_height_mm
            height = attachment + np.float32(part) * np.maximum(top - attachment, 0)
            radius = self.open_radius_mm(angle, height)
        else:
            radius = self.attachment_radius_mm(angle) * np.float32(1 - 0.95 * part)
            height = self.closed_height_mm(angle, radius)
        r, z = float(radius[0]), float(height[0])
        return self.root.to_phantom([r * np.cos(azimuth), r * np.sin(azimuth), z])


def paint_leaflets(canvas: Canvas, voxels: RootRegion, surface: LeafletSurface, contrast: Contrast) -> None:
    """Paint the aortic leaflets."""
    coverage = _open_coverage if surface.leaflets.is_open else _closed_coverage
    canvas.blend(voxels.region.index, coverage(canvas, voxels, surface), contrast.leaflet_hu)


def _closed_coverage(canvas: Canvas, voxels: RootRegion, surface: LeafletSurface) -> Floats:
    return np.maximum(_belly_coverage(canvas, voxels, surface), _contact_coverage(canvas, voxels, surface))


def _belly_coverage(canvas: Canvas, voxels: RootRegion, surface: LeafletSurface) -> Floats:
    azimuth, radius, z = voxels.at.azimuth, voxels.at.radius_mm, voxels.at.height_mm
    height = surface.closed_height_mm(azimuth, radius)
    step = np.float32(_SLOPE_STEP_MM)
    turned = np.asarray(azimuth + step / np.maximum(radius, 2), np.float32)
    outward_rise = surface.closed_height_mm(azimuth, radius + step) - height
    sideward_rise = surface.closed_height_mm(turned, radius) - height
    slope = np.minimum(np.sqrt(1 + (outward_rise**2 + sideward_rise**2) / step**2), 4)
    sheet = canvas.sheet_coverage(np.asarray((z - height) / slope, np.float32), surface.leaflets.thickness_mm)
    top = np.float32(surface.root.parameters.commissure_height_mm + 1)
    return sheet * canvas.coverage(np.maximum(radius - voxels.inner_mm - 1, z - top))


def _contact_coverage(canvas: Canvas, voxels: RootRegion, surface: LeafletSurface) -> Floats:
    """Return the upright double sheets between the center and each commissure, where leaflets touch."""
    azimuth, radius, z = voxels.at.azimuth, voxels.at.radius_mm, voxels.at.height_mm
    leaflets, azimuths = surface.leaflets, surface.root.parameters.commissure_azimuths
    aside = np.minimum.reduce([np.abs(azimuth_difference(azimuth, c)) for c in azimuths]) * radius
    inward = np.asarray(radius / np.maximum(surface.attachment_radius_mm(azimuth), 1), np.float32)
    edge = surface.edge_height_mm(inward)
    zone = leaflets.contact_height_mm * (1 - 0.5 * np.clip(inward, 0, 1))
    bounds = np.maximum.reduce([edge - z, z - edge - zone, radius - voxels.inner_mm])
    return canvas.sheet_coverage(aside, leaflets.thickness_mm * leaflets.contact_part) * canvas.coverage(bounds)


def _open_coverage(canvas: Canvas, voxels: RootRegion, surface: LeafletSurface) -> Floats:
    at, root = voxels.at, surface.root
    radius = surface.open_radius_mm(at.azimuth, at.height_mm)
    sheet = canvas.sheet_coverage(at.radius_mm - radius, surface.leaflets.thickness_mm)
    free_edge = root.parameters.commissure_height_mm + 2 - 2 * (1 - voxels.cusp.to_commissure)
    limits = np.maximum(voxels.cusp.attachment_mm - np.float32(0.5) - at.height_mm, at.height_mm - free_edge)
    return np.asarray(sheet * canvas.coverage(limits), np.float32)


def paint_mitral_leaflet(
    canvas: Canvas, voxels: RootRegion, root: RootShape, leaflets: Leaflets, contrast: Contrast
) -> None:
    """Paint the anterior mitral leaflet, hanging from the curtain between LCC and NCC."""
    p = root.parameters
    middle = (p.hinge_azimuths[1] + p.hinge_azimuths[2]) / 2
    hinge = root.outward(middle) * (p.annulus_diameter_mm / 2) - root.axis
    down = leaflets.mitral_direction
    side = unit(np.cross(down, hinge))
    across = unit(np.cross(side, down))
    x, y, z = (axis - np.float32(c) for axis, c in zip(voxels.region.points, hinge, strict=True))
    along_side, off_sheet, along_down = (
        (x * np.float32(d[0]) + y * np.float32(d[1]) + z * np.float32(d[2])) for d in (side, across, down)
    )
    bent = off_sheet + np.float32(0.01) * along_side**2
    limits = np.maximum.reduce(
        [
            np.abs(along_side) - np.float32(leaflets.mitral_half_width_mm),
            -along_down - 1,
            along_down - np.float32(leaflets.mitral_length_mm),
        ]
    )
    coverage = canvas.sheet_coverage(bent, 2 * leaflets.mitral_half_thickness_mm) * canvas.coverage(limits)
    canvas.blend(voxels.region.index, coverage, contrast.mitral_hu)
