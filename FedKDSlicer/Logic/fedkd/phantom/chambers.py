"""The four chambers with their outlets, drawn around a given root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.anatomy import HEART_CHANNELS
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_shape import RootShape, azimuth_difference
from fedkd.phantom.shapes import (
    Floats,
    Nodes,
    Points,
    Shape,
    Vector,
    curve,
    ellipsoid,
    rotation,
    smooth_minimum,
    smooth_union,
    tube,
    union,
    unit,
)
from fedkd.phantom.texture import Streams, Texture

MYOCARDIUM = HEART_CHANNELS.index("myocardium")
LEFT_ATRIUM = HEART_CHANNELS.index("left atrium")
LEFT_VENTRICLE = HEART_CHANNELS.index("left ventricle")
RIGHT_ATRIUM = HEART_CHANNELS.index("right atrium")
RIGHT_VENTRICLE = HEART_CHANNELS.index("right ventricle")


@dataclass(frozen=True)
class LeftVentricle:
    """Cavity and outer surface; ``along`` runs from the mitral plane to the apex."""

    along: Vector
    across: tuple[Vector, Vector]
    center: Vector
    mitral_plane_point: Vector
    length_mm: float
    radius_mm: float
    ellipsoid: Shape
    cavity: Shape
    outer: Shape
    papillary: tuple[Shape, Shape]


@dataclass(frozen=True)
class Chambers:
    """All chambers, in the phantom's frame."""

    left_ventricle: LeftVentricle
    left_atrium: Shape
    right_atrium: Shape
    right_ventricle: Shape
    right_ventricle_center: Vector
    right_atrium_center: Vector
    pulmonary_valve: Vector
    left_atrium_wall_mm: float
    right_atrium_wall_mm: float
    right_ventricle_wall_mm: float
    mixing: Texture
    fine_mixing: Texture
    streams: Streams
    trabeculae_threshold: float


def draw_chambers(rng: np.random.Generator, root: RootShape) -> Chambers:
    """Draw the chambers so that they touch the root where they do in patients."""
    uniform = rng.uniform
    ventricle = _draw_left_ventricle(rng, root)
    left_atrium = _draw_left_atrium(rng, root)
    right_atrium, right_center = _draw_right_atrium(rng, root)
    right_ventricle, center, valve = _draw_right_ventricle(rng, root, ventricle, right_center)
    return Chambers(
        left_ventricle=ventricle,
        left_atrium=left_atrium,
        right_atrium=right_atrium,
        right_ventricle=right_ventricle,
        right_ventricle_center=center,
        right_atrium_center=right_center,
        pulmonary_valve=valve,
        left_atrium_wall_mm=uniform(1, 2.5),
        right_atrium_wall_mm=uniform(1, 2.5),
        right_ventricle_wall_mm=uniform(2, 4),
        mixing=Texture.draw(rng, 16.0),
        fine_mixing=Texture.draw(rng, 4.5),
        streams=Streams.draw(rng),
        trabeculae_threshold=uniform(0.6, 2.0),
    )


def heart_surface(chambers: Chambers, pulmonary_artery: Shape) -> Shape:
    """Return chambers and pulmonary artery with their walls: what coronary arteries run upon."""
    return union(
        chambers.left_ventricle.outer,
        chambers.left_atrium.shrunk(-chambers.left_atrium_wall_mm),
        chambers.right_atrium.shrunk(-chambers.right_atrium_wall_mm),
        chambers.right_ventricle.shrunk(-chambers.right_ventricle_wall_mm),
        pulmonary_artery.shrunk(-1.5),
    )


def _draw_left_ventricle(rng: np.random.Generator, root: RootShape) -> LeftVentricle:
    uniform, normal = rng.uniform, rng.normal
    along = unit(np.array([0.66, -0.48, -0.58]) + normal(0, 0.1, 3))
    base = np.array([14.0, 8.0, -9.0]) + normal(0, 3, 3)
    length, radius, wall = uniform(36, 50), uniform(19, 27), uniform(7, 13)
    center = base + along * (length * 0.75)
    first = unit(np.cross(along, [0, 0, 1]))
    second = np.cross(along, first)
    shape = ellipsoid(center, [length, radius, radius * uniform(0.9, 1.1)], np.stack([along, first, second]))
    basal_wall = uniform(2, 6)

    def below_mitral_plane(points: Points) -> Floats:
        return _along(points, base, along)

    # The way from the annulus into the ventricle: without it the outflow tract would end at muscle.
    diameter = root.parameters.annulus_diameter_mm
    way = tube(
        curve(
            [
                np.zeros(3),
                -root.axis * 9,
                center - along * length * 0.45 - root.axis * 4,
                center - along * length * 0.1,
            ],
            14,
        ),
        np.linspace(diameter * 0.46, diameter * 0.5, 14),
    )
    inside = union(shape, way)
    cavity_body = shape.cut(lambda p: -below_mitral_plane(p) - 2)
    way_below = inside.cut(lambda p: root.cylindrical(p).height_mm + 6)
    papillary = []
    for side in (-1, 1):
        tip = center + along * length * 0.55 + first * radius * 0.6 * side + second * radius * 0.4 * normal()
        papillary.append(tube(np.stack([tip, tip - along * length * 0.6]), uniform(3, 5)))
    return LeftVentricle(
        along=along,
        across=(first, second),
        center=center,
        mitral_plane_point=base,
        length_mm=length,
        radius_mm=radius,
        ellipsoid=shape,
        cavity=smooth_union(cavity_body, way_below, 4),
        outer=shape.shrunk(-wall).cut(lambda p: -below_mitral_plane(p) - np.float32(basal_wall)),
        papillary=(papillary[0], papillary[1]),
    )


def _along(points: Points, start: Vector, direction: Vector) -> Floats:
    x, y, z = (p - np.float32(s) for p, s in zip(points, start, strict=True))
    d = direction.astype(np.float32)
    return np.asarray(x * d[0] + y * d[1] + z * d[2], np.float32)


def _draw_left_atrium(rng: np.random.Generator, root: RootShape) -> Shape:
    uniform, normal = rng.uniform, rng.normal
    p = root.parameters
    half = uniform(15, 30)
    center = np.array([8.0, p.annulus_diameter_mm * 0.66 + uniform(-1, 5) + half, 0]) + [normal(0, 5), 0, normal(0, 5)]
    body = ellipsoid(center, [uniform(26, 44), half, uniform(22, 40)], rotation([0, 0, 1], normal(0, 0.2)))
    appendage_path: Nodes = [
        center + [20, -10, 5],
        [36 + normal(0, 4), 8 + normal(0, 4), 14 + normal(0, 4)],
        [40 + normal(0, 4), -12 + normal(0, 6), 14 + normal(0, 4)],
    ]
    parts = [body, tube(curve(appendage_path, 10), np.linspace(10, uniform(4, 8), 10))]
    for side in (-1, 1):
        for level in (-8, 10):
            mouth = center + np.array([side * 24, 5, level])
            lung_end = mouth + np.array([side * 40, 15 + normal(0, 5), normal(0, 10)])
            parts.append(tube(np.stack([mouth, lung_end]), uniform(5, 8)))
    atrium = union(*parts)
    touching = uniform() < 0.75
    contact = _contact(
        root,
        azimuth=p.commissure_azimuths[1] + normal(0, 0.15),
        half_width_mm=uniform(12, 26),
        heights_mm=(uniform(-16, -4), min(uniform(4, 20), p.ostium_heights_mm[1] - 2)),
        depth_mm=uniform(12, 24),
    )
    return smooth_union(atrium, contact, 4) if touching else atrium


def _draw_right_atrium(rng: np.random.Generator, root: RootShape) -> tuple[Shape, Vector]:
    uniform, normal = rng.uniform, rng.normal
    half = uniform(18, 32)
    x = -(root.parameters.annulus_diameter_mm * 0.66 + uniform(-1, 6) + half)
    center = np.array([x, normal(-4, 6), normal(-10, 6)])
    body = ellipsoid(center, [half, uniform(24, 34), uniform(26, 40)], rotation([0, 0, 1], normal(0, 0.3)))
    appendage_path: Nodes = [
        center + [0, -12, 12],
        [-27 + normal(0, 3), -24 + normal(0, 4), 8 + normal(0, 4)],
        [-8 + normal(0, 5), -32 + normal(0, 4), 14 + normal(0, 5)],
    ]
    atrium = union(body, tube(curve(appendage_path, 10), np.linspace(12, uniform(5, 9), 10)))
    touching = uniform() < 0.6
    contact = _contact(
        root,
        azimuth=root.parameters.hinge_azimuths[2] + normal(0.2, 0.3),
        half_width_mm=uniform(8, 18),
        heights_mm=(uniform(-16, -6), uniform(4, 18)),
        depth_mm=uniform(12, 22),
    )
    return (smooth_union(atrium, contact, 4) if touching else atrium), center


def _draw_right_ventricle(
    rng: np.random.Generator, root: RootShape, ventricle: LeftVentricle, atrium_center: Vector
) -> tuple[Shape, Vector, Vector]:
    uniform, normal = rng.uniform, rng.normal
    p = root.parameters
    axes = np.stack([ventricle.along, *ventricle.across])
    center = ventricle.center + np.array([-18, -24, -4]) + normal(0, 4, 3)
    body = ellipsoid(center, [uniform(38, 46), uniform(20, 27), uniform(24, 32)], axes)
    inlet = ellipsoid(atrium_center + [22, -20, -14] + normal(0, 3, 3), [22, 18, 22])
    body = smooth_union(body, inlet, 8)
    # The outflow tract crosses in front of the root to the pulmonary valve above the RCC-LCC commissure.
    radius = p.annulus_diameter_mm / 2 * 1.3
    front = p.commissure_azimuths[0] - 0.5
    crossing = root.to_phantom([radius * np.cos(front), radius * np.sin(front), 4])
    gap = uniform(11, 16)
    valve = root.to_phantom([0, 0, p.commissure_height_mm * 0.9 + uniform(-2, 6)])
    valve = valve + root.outward(p.commissure_azimuths[0]) * (radius + gap + 2)
    outflow_path = [center + [0, -5, 8], crossing + unit(crossing) * (gap + 4) + [0, -3, -12], valve]
    outflow = tube(curve(outflow_path, 14), np.linspace(18, uniform(11, 14), 14))
    body = smooth_union(body, outflow, 5)
    touching = uniform() < 0.6
    contact = _contact(
        root,
        azimuth=p.hinge_azimuths[0] + normal(0.1, 0.3),
        half_width_mm=uniform(8, 18),
        heights_mm=(uniform(-12, 0), min(uniform(4, 16), p.ostium_heights_mm[0] - 2)),
        depth_mm=uniform(12, 20),
    )
    return (smooth_union(body, contact, 4) if touching else body), center, valve


def _contact(
    root: RootShape, *, azimuth: float, half_width_mm: float, heights_mm: tuple[float, float], depth_mm: float
) -> Shape:
    """Return a pad on the root's wall, so that a chamber lies against it."""
    middle, half = sum(heights_mm) / 2, (heights_mm[1] - heights_mm[0]) / 2

    def distance(points: Points) -> Floats:
        at = root.cylindrical(points)
        width = np.float32(half_width_mm) - np.abs(azimuth_difference(at.azimuth, azimuth)) * at.radius_mm
        height = np.float32(half) - np.abs(at.height_mm - np.float32(middle))
        depth = root.inner_radius_mm(at.azimuth, at.height_mm) + np.float32(depth_mm) - at.radius_mm
        return -smooth_minimum(smooth_minimum(width, height, 6), depth, 6)

    reach = np.full(3, root.parameters.annulus_diameter_mm + depth_mm + max(np.abs(heights_mm)))
    return Shape(distance, -reach, reach)


def paint_right_heart(canvas: Canvas, chambers: Chambers, contrast: Contrast) -> None:
    """Paint the right ventricle, then the right atrium, with the mixing of contrast medium."""
    for shape, wall_mm, wall_hu, blood_hu, label in (
        (
            chambers.right_ventricle,
            chambers.right_ventricle_wall_mm,
            contrast.myocardium_hu,
            contrast.right_ventricle_hu,
            RIGHT_VENTRICLE,
        ),
        (
            chambers.right_atrium,
            chambers.right_atrium_wall_mm,
            contrast.vessel_wall_hu,
            contrast.right_atrium_hu,
            RIGHT_ATRIUM,
        ),
    ):
        sample = canvas.sample(shape, wall_mm)
        canvas.fill(sample, wall_hu, wall_mm)
        slow = canvas.texture(chambers.mixing, sample.index)
        fine = canvas.texture(chambers.fine_mixing, sample.index)
        streams = canvas.texture(chambers.streams, sample.index)
        mixed = contrast.slow_mixing_hu * slow + contrast.streaming_hu * (0.7 * fine + 0.6 * streams)
        canvas.fill(sample, np.asarray(blood_hu + mixed, np.float32))
        canvas.mark(sample, label)
        if label == RIGHT_VENTRICLE:
            rim = np.maximum(np.abs(sample.distance_mm + 3) - 3, 6 * (np.float32(chambers.trabeculae_threshold) - fine))
            canvas.blend(sample.index, canvas.coverage(np.asarray(rim, np.float32)), contrast.myocardium_hu)


def paint_left_atrium(canvas: Canvas, chambers: Chambers, contrast: Contrast) -> None:
    """Paint the left atrium with its appendage and pulmonary veins."""
    sample = canvas.sample(chambers.left_atrium, chambers.left_atrium_wall_mm)
    canvas.fill(sample, contrast.vessel_wall_hu, chambers.left_atrium_wall_mm)
    canvas.fill(sample, contrast.left_atrium_hu)
    canvas.mark(sample, LEFT_ATRIUM)


def paint_myocardium(canvas: Canvas, chambers: Chambers, contrast: Contrast) -> None:
    """Paint the left ventricle's muscle; the cavity comes after the root."""
    sample = canvas.sample(chambers.left_ventricle.outer)
    canvas.fill(sample, contrast.myocardium_hu)
    canvas.mark(sample, MYOCARDIUM)


def paint_left_ventricle_cavity(canvas: Canvas, chambers: Chambers, contrast: Contrast) -> None:
    """Paint the cavity, trabeculae along its wall and the papillary muscles."""
    ventricle = chambers.left_ventricle
    sample = canvas.sample(ventricle.cavity)
    canvas.fill(sample, contrast.left_ventricle_hu)
    canvas.mark(sample, LEFT_VENTRICLE)
    tuft = 6 * (np.float32(chambers.trabeculae_threshold) - canvas.texture(chambers.fine_mixing, sample.index))
    rim = np.maximum(np.abs(sample.distance_mm + 2.5) - 2.5, tuft)
    apical = canvas.sample(ventricle.cavity.cut(lambda p: 8 - _along(p, ventricle.mitral_plane_point, ventricle.along)))
    canvas.blend(sample.index, canvas.coverage(np.maximum(rim, apical.distance_mm)), contrast.myocardium_hu)
    for muscle in ventricle.papillary:
        canvas.fill(canvas.sample(muscle), contrast.myocardium_hu)
