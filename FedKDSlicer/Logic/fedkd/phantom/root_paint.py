"""The root's wall, outflow tract, membranous septum and lumen, voxel by voxel in root coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.phantom.canvas import Canvas, Region
from fedkd.phantom.chambers import LEFT_VENTRICLE, MYOCARDIUM, RIGHT_ATRIUM, RIGHT_VENTRICLE
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_shape import LV_OUTFLOW_LENGTH_MM, CuspPosition, Cylindrical, RootShape, azimuth_difference
from fedkd.phantom.shapes import Floats, Points, Shape, smooth_minimum, tube
from fedkd.phantom.vessels import AORTA, Vessels

_REACH_MM = 36.0
_MEMBRANE_HALF_WIDTH_RAD = 0.38
_SEPTUM_HALF_WIDTH_RAD = 0.6


@dataclass(frozen=True)
class Surroundings:
    """What lies against the root's wall."""

    muscle_factor: float
    membrane_mm: float
    right_heart_step_mm: float  # height of the tricuspid valve's attachment over the septum's crest
    right_heart_turn: float  # rad, to the side of the membrane
    right_heart_shift_mm: float
    right_heart_half_sizes_mm: tuple[float, float, float]  # along the wall, along the axis, and its depth
    has_fat: bool
    fat_from_mm: float
    fat_mm: float
    fat_azimuth: float
    blood_change_mm: float  # height where the ventricle's brightness becomes the aorta's
    blood_change_length_mm: float


def draw_surroundings(rng: np.random.Generator) -> Surroundings:
    """Draw them; fat lies between the root and the atria in many patients."""
    return Surroundings(
        muscle_factor=rng.uniform(0.7, 1.15),
        membrane_mm=rng.uniform(0.9, 1.5),
        right_heart_step_mm=rng.uniform(-2, 4),
        right_heart_turn=rng.normal(0, 0.25),
        right_heart_shift_mm=rng.normal(-1, 4),
        right_heart_half_sizes_mm=(rng.uniform(13, 22), rng.uniform(13, 20), rng.uniform(9, 18)),
        has_fat=bool(rng.uniform() < 0.65),
        fat_from_mm=rng.uniform(1, 6),
        fat_mm=rng.uniform(0, 6),
        fat_azimuth=rng.uniform(0, 2 * np.pi),
        blood_change_mm=rng.uniform(-3, 10),
        blood_change_length_mm=rng.uniform(10, 20),
    )


@dataclass(frozen=True)
class RootRegion:
    """The voxels around the root with everything that painting them needs (1D arrays)."""

    region: Region
    at: Cylindrical
    inner_mm: Floats  # inner radius at each voxel's azimuth and height
    cusp: CuspPosition


def root_region(canvas: Canvas, root: RootShape) -> RootRegion:
    """Return the voxels around the root."""
    p = root.parameters
    path = np.stack([root.axis * -18, root.axis * (p.junction_height_mm + 2)])
    region = canvas.near(tube(path, 1.0), _REACH_MM)
    at = root.cylindrical(region.points)
    region = region.kept((at.radius_mm < _REACH_MM) & (at.height_mm > -32) & (at.height_mm < p.junction_height_mm + 20))
    at = root.cylindrical(region.points)
    return RootRegion(region, at, root.inner_radius_mm(at.azimuth, at.height_mm), root.cusp_position(at.azimuth))


def lumen_shape(root: RootShape, vessels: Vessels) -> Shape:
    """Return the blood from the outflow tract through the root, blended into the ascending aorta.

    In one piece: two parts that meet at the annulus would leave a seam there, which no patient has.
    """
    top = np.float32(root.parameters.junction_height_mm + 3)
    reach = np.full(3, root.parameters.junction_height_mm + root.parameters.annulus_diameter_mm)

    def distance(points: Points) -> Floats:
        at = root.cylindrical(points)
        inner = root.inner_radius_mm(at.azimuth, at.height_mm)
        ends = np.maximum(-at.height_mm - np.float32(LV_OUTFLOW_LENGTH_MM), at.height_mm - top)
        lumen = np.maximum(at.radius_mm - inner, ends)
        return smooth_minimum(np.asarray(lumen, np.float32), vessels.ascending.distance_mm(points), 2)

    low = np.minimum(-reach, vessels.ascending.low_mm)
    return Shape(distance, low, np.maximum(reach, vessels.ascending.high_mm))


def paint_fat(canvas: Canvas, voxels: RootRegion, root: RootShape, around: Surroundings, contrast: Contrast) -> None:
    """Paint fat between the sinuses and their neighbors, thicker on one side."""
    if not around.has_fat:
        return
    thickness = around.fat_mm * (0.5 + 0.5 * np.cos(voxels.at.azimuth - np.float32(around.fat_azimuth)))
    beyond = voxels.at.radius_mm - voxels.inner_mm - np.float32(root.parameters.wall_mm) - thickness
    below = np.float32(around.fat_from_mm) - voxels.at.height_mm
    above = voxels.at.height_mm - np.float32(root.parameters.junction_height_mm + 14)
    coverage = canvas.coverage(np.maximum.reduce([beyond, below, above]))
    canvas.blend(voxels.region.index, coverage, contrast.fat_hu)


def paint_wall(canvas: Canvas, voxels: RootRegion, root: RootShape, around: Surroundings, contrast: Contrast) -> None:
    """Paint the right heart behind the septum, then the wall with the muscle below the annulus."""
    wall = _wall(voxels, root, around)
    _paint_right_heart(canvas, voxels, wall, root, around, contrast)
    _blend_wall(canvas, voxels, wall, wall.distance_mm, contrast)


def paint_septum(canvas: Canvas, voxels: RootRegion, root: RootShape, around: Surroundings, contrast: Contrast) -> None:
    """Paint the wall around the membranous septum once more: the ventricle's cavity may have covered it."""
    p, at = root.parameters, voxels.at
    wall = _wall(voxels, root, around)
    aside = (
        np.abs(azimuth_difference(at.azimuth, p.septum_azimuth)) - np.float32(_SEPTUM_HALF_WIDTH_RAD)
    ) * at.radius_mm
    below = np.float32(p.septum_bottom_mm - 2) - at.height_mm
    part = np.maximum.reduce([wall.distance_mm, aside, below, at.height_mm])
    _blend_wall(canvas, voxels, wall, part, contrast)


@dataclass(frozen=True)
class _Wall:
    outside_mm: Floats  # distance to the outer surface
    distance_mm: Floats  # the same, cut at both ends
    is_muscle: npt.NDArray[np.bool_]


def _wall(voxels: RootRegion, root: RootShape, around: Surroundings) -> _Wall:
    p, at = root.parameters, voxels.at
    thickness = _wall_thickness(voxels, root, around)
    outside = at.radius_mm - voxels.inner_mm - thickness
    top = np.float32(p.junction_height_mm + 4)
    distance = np.maximum.reduce([outside, -at.height_mm - np.float32(LV_OUTFLOW_LENGTH_MM), at.height_mm - top])
    muscle = (thickness > p.wall_mm + 0.7) & ((at.height_mm < 0) | (at.radius_mm > voxels.inner_mm + p.wall_mm))
    return _Wall(outside, distance, muscle)


def _blend_wall(canvas: Canvas, voxels: RootRegion, wall: _Wall, distance_mm: Floats, contrast: Contrast) -> None:
    hu = np.where(wall.is_muscle, contrast.myocardium_hu, contrast.vessel_wall_hu).astype(np.float32)
    canvas.blend(voxels.region.index, canvas.coverage(distance_mm), hu)
    canvas.mark_voxels(voxels.region, distance_mm < 0, 0)
    canvas.mark_voxels(voxels.region, (distance_mm < 0) & wall.is_muscle, MYOCARDIUM)


def _paint_right_heart(
    canvas: Canvas, voxels: RootRegion, wall: _Wall, root: RootShape, around: Surroundings, contrast: Contrast
) -> None:
    p, at = root.parameters, voxels.at
    beside = np.abs(azimuth_difference(at.azimuth, p.septum_azimuth + around.right_heart_turn)) * at.radius_mm
    level = np.abs(at.height_mm - np.float32(p.septum_bottom_mm + around.right_heart_shift_mm))
    half_width, half_height, depth = around.right_heart_half_sizes_mm
    corner = smooth_minimum(half_width - beside, half_height - level, 10)
    right_heart = -smooth_minimum(corner, depth - wall.outside_mm, 10)
    above_valve = at.height_mm > p.septum_bottom_mm + around.right_heart_step_mm
    blood = np.where(above_valve, contrast.right_atrium_hu, contrast.right_ventricle_hu).astype(np.float32)
    canvas.blend(voxels.region.index, canvas.coverage(right_heart), blood)
    canvas.mark_voxels(voxels.region, (right_heart < 0) & above_valve, RIGHT_ATRIUM)
    canvas.mark_voxels(voxels.region, (right_heart < 0) & ~above_valve, RIGHT_VENTRICLE)


def _wall_thickness(voxels: RootRegion, root: RootShape, around: Surroundings) -> Floats:
    """Return the wall's thickness, mm.

    Septum 1, 2, 5, 10 mm below the membrane: 3.4, 4.7, 6.9, 10.7 mm (anatomical study, SD 0.5-1.6).
    """
    p, z, azimuth = root.parameters, voxels.at.height_mm, voxels.at.azimuth
    off_membrane = azimuth_difference(azimuth, p.septum_azimuth)
    below_crest = np.clip(p.septum_bottom_mm - z, 0, 20)
    septum = np.interp(below_crest, [0, 1, 2, 5, 10, 20], [0, 2.6, 3.9, 6.1, 9.5, 11.0])
    membranous = np.exp(-((off_membrane / _MEMBRANE_HALF_WIDTH_RAD) ** 2))
    # Muscle carries the root from the septum past the RCC to the LCC; the rest is the curtain to the mitral valve.
    from_septum = 1 / (1 + np.exp(-8 * azimuth_difference(azimuth, p.septum_azimuth - 0.25)))
    to_left_cusp = 1 / (1 + np.exp(8 * azimuth_difference(azimuth, p.hinge_azimuths[1] - 0.35)))
    muscle = np.interp(-z, [-6, 0, 4, 12], [0, 3.0, 6.0, 10.0]) * around.muscle_factor
    thickness = p.wall_mm + (1 - membranous) * from_septum * to_left_cusp * muscle
    thickness = thickness + membranous * septum * (z < 0)
    in_membrane = (membranous > 0.5) & (z < p.septum_top_mm + 1) & (z > p.septum_bottom_mm)
    return np.where(in_membrane, np.minimum(thickness, around.membrane_mm), thickness).astype(np.float32)


def paint_blood(canvas: Canvas, voxels: RootRegion, lumen: Shape, around: Surroundings, contrast: Contrast) -> None:
    """Paint the outflow tract below the annulus and the root's lumen above it.

    The brightness changes over a stretch that is no landmark: a step at the annulus would give the plane away.
    """
    at, index = voxels.at, voxels.region.index
    blood = lumen.distance_mm(voxels.region.points)
    part = np.clip((at.height_mm - around.blood_change_mm) / around.blood_change_length_mm + 0.5, 0, 1)
    part = part * part * (3 - 2 * part)
    hu = contrast.left_ventricle_hu + (contrast.aorta_hu - contrast.left_ventricle_hu) * part
    canvas.blend(index, canvas.coverage(blood), hu.astype(np.float32))
    canvas.mark_voxels(voxels.region, (blood < 0) & (at.height_mm < 0), LEFT_VENTRICLE)
    canvas.mark_voxels(voxels.region, (blood < 0) & (at.height_mm >= 0), AORTA)
