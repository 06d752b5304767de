"""Coronary arteries with their branches, the fat around them, and calcium in their walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.canvas import Canvas
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_shape import RootShape
from fedkd.phantom.shapes import Shape, Vector, curve, ellipsoid, tube, union, unit


@dataclass(frozen=True)
class Coronary:
    """One artery with its branches."""

    lumen: Shape
    fat_mm: float
    plaques: tuple[Shape, ...]
    plaque_hu: float


def draw_coronaries(rng: np.random.Generator, root: RootShape) -> tuple[Coronary, Coronary]:
    """Draw the right and the left coronary artery. Ostia: left main 4-5 mm wide, right 3-4 mm."""
    return _draw_right(rng, root), _draw_left(rng, root)


def _draw_right(rng: np.random.Generator, root: RootShape) -> Coronary:
    normal = rng.normal
    ostium, outward = _ostium(root, 0)
    leaving = unit(outward + np.array([-0.2, -0.3, 0.1]) + normal(0, 0.3, 3))
    far = ostium + leaving * 20
    nodes = [
        ostium - outward * 3,
        ostium + leaving * 5,
        ostium + leaving * 12 + [-4, 0, -2] + normal(0, 2, 3),
        far + [-14, 4, -14] + normal(0, 3, 3),
        far + [-24, 10, -34] + normal(0, 4, 3),
        far + [-18, 30, -58] + normal(0, 4, 3),
    ]
    path = curve(nodes, 22)
    radii = np.linspace(rng.uniform(1.4, 2.3), rng.uniform(0.8, 1.4), 22)
    start = path[9]
    branch = curve([start, start + [-4, -14, -16] + normal(0, 3, 3), start + [6, -26, -34] + normal(0, 4, 3)], 8)
    lumen = union(tube(path, radii), tube(branch, np.linspace(1.1, 0.6, 8)))
    return _with_plaques(rng, lumen, path)


def _draw_left(rng: np.random.Generator, root: RootShape) -> Coronary:
    normal, uniform = rng.normal, rng.uniform
    ostium, outward = _ostium(root, 1)
    leaving = unit(outward + np.array([0.6, -0.4, -0.1]) * uniform(0.3, 1.6) + normal(0, 0.3, 3))
    length, radius = uniform(4, 16), uniform(1.2, 2.6)
    fork = ostium + leaving * length
    main = curve([ostium - outward * 3, ostium + leaving * length * 0.5, fork], 8)
    descending = curve(
        [
            fork,
            fork + [10, -10, -2] + normal(0, 2, 3),
            fork + [20, -26, -14] + normal(0, 3, 3),
            fork + [26, -40, -34] + normal(0, 3, 3),
            fork + [32, -48, -58] + normal(0, 4, 3),
        ],
        17,
    )
    circumflex = curve(
        [
            fork,
            fork + [7, 6, -6] + normal(0, 2, 3),
            fork + [16, 18, -18] + normal(0, 3, 3),
            fork + [14, 34, -32] + normal(0, 3, 3),
        ],
        14,
    )
    start = descending[5]
    diagonal = curve([start, start + [12, -4, -10] + normal(0, 3, 3), start + [24, -6, -30] + normal(0, 4, 3)], 8)
    lumen = union(
        tube(main, radius),
        tube(descending, np.linspace(radius * 0.8, radius * 0.45, 17)),
        tube(circumflex, np.linspace(radius * 0.7, radius * 0.45, 14)),
        tube(diagonal, np.linspace(radius * 0.5, radius * 0.35, 8)),
    )
    return _with_plaques(rng, lumen, np.concatenate([main[3:], descending]))


def _ostium(root: RootShape, which: int) -> tuple[Vector, Vector]:
    p = root.parameters
    azimuth = p.ostium_azimuths[which]
    return root.on_wall(azimuth, p.ostium_heights_mm[which]), root.outward(azimuth)


def _with_plaques(rng: np.random.Generator, lumen: Shape, path: Vector) -> Coronary:
    count = int(rng.integers(1, 9)) if rng.uniform() < 0.45 else 0
    plaques = []
    for _ in range(count):
        at = int(rng.integers(2, len(path) - 1))
        along = unit(path[at + 1] - path[at - 1])
        side = unit(np.cross(along, rng.normal(size=3)))
        axes = np.stack([along, side, np.cross(along, side)])
        center = path[at] + side * rng.uniform(0.8, 1.8)
        plaques.append(ellipsoid(center, [rng.uniform(1, 4), rng.uniform(0.6, 1.3), rng.uniform(0.6, 1.5)], axes))
    return Coronary(lumen, rng.uniform(1.8, 5), tuple(plaques), rng.uniform(500, 1300))


def paint_coronary(canvas: Canvas, coronary: Coronary, aorta: Shape, wall_mm: float, contrast: Contrast) -> None:
    """Paint one artery in its fat; fat and wall stay outside the aorta."""
    region = canvas.near(coronary.lumen, coronary.fat_mm + 1)
    lumen = coronary.lumen.distance_mm(region.points)
    aortic = aorta.distance_mm(region.points)
    fat = np.maximum(lumen - np.float32(coronary.fat_mm), np.float32(wall_mm) - aortic)
    canvas.blend(region.index, canvas.coverage(fat), contrast.fat_hu)
    canvas.heart[tuple(axis[fat < 0] for axis in region.index)] = 0
    canvas.blend(region.index, canvas.coverage(np.maximum(lumen - np.float32(0.6), -aortic)), contrast.vessel_wall_hu)
    canvas.blend(region.index, canvas.coverage(lumen), contrast.coronary_hu)
    for plaque in coronary.plaques:
        near = canvas.near(plaque, 1.5)
        canvas.blend(near.index, canvas.coverage(plaque.distance_mm(near.points)), coronary.plaque_hu)
