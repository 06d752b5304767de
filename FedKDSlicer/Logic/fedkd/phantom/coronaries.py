"""Coronary arteries with their branches, the fat around them, and calcium in their walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.body import as_points
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_shape import RootShape
from fedkd.phantom.shapes import Shape, Vector, ellipsoid, even_curve, tube, union, unit

Offset = list[float]

_FADING_MM = 12.0
_SURFACE_STEPS = 16
_SURFACE_CLEARANCE_MM = 1.5
# The first part is straight and at most this oblique: the ostium is the middle of the opening that one sees.
_STUB_MM = 5.0
_MOST_OBLIQUE_DEG = 50.0


@dataclass(frozen=True)
class Coronary:
    """One artery with its branches."""

    lumen: Shape
    fat_mm: float
    plaques: tuple[Shape, ...]
    plaque_hu: float
    heart: Shape


def draw_coronaries(rng: np.random.Generator, root: RootShape, heart: Shape) -> tuple[Coronary, Coronary]:
    """Draw the right and the left coronary artery on the surface of ``heart``.

    Ostia: left main 4-5 mm wide, right 3-4 mm.
    """
    return _draw_right(rng, root, heart), _draw_left(rng, root, heart)


def _draw_right(rng: np.random.Generator, root: RootShape, heart: Shape) -> Coronary:
    normal = rng.normal
    ostium, outward = _ostium(root, 0)
    leaving = _leaving(outward, outward + np.array([-0.2, -0.3, 0.1]) + normal(0, 0.3, 3))
    far = ostium + leaving * 20
    nodes = [
        ostium + leaving * 12 + [-4, 0, -2] + normal(0, 2, 3),
        far + [-14, 4, -14] + normal(0, 3, 3),
        far + [-24, 10, -34] + normal(0, 4, 3),
        far + [-18, 30, -58] + normal(0, 4, 3),
    ]
    path = _on_surface(_from_ostium(ostium, outward, leaving, nodes, 23), ostium, heart)
    radii = np.linspace(rng.uniform(1.4, 2.3), rng.uniform(0.8, 1.4), len(path))
    start = path[9]
    branch = even_curve([start, start + [-4, -14, -16] + normal(0, 3, 3), start + [6, -26, -34] + normal(0, 4, 3)], 10)
    branch = _on_surface(branch, ostium, heart)
    lumen = union(tube(path, radii), tube(branch, np.linspace(1.1, 0.6, 10)))
    return _with_plaques(rng, lumen, path, heart)


def _draw_left(rng: np.random.Generator, root: RootShape, heart: Shape) -> Coronary:
    uniform = rng.uniform
    ostium, outward = _ostium(root, 1)
    leaving = _leaving(outward, outward + np.array([0.6, -0.4, -0.1]) * uniform(0.3, 1.6) + rng.normal(0, 0.3, 3))
    length, radius = uniform(4, 16), uniform(1.2, 2.6)
    nodes = [ostium + leaving * (_STUB_MM + length * part) for part in (0.5, 1.0)]
    main = _on_surface(_from_ostium(ostium, outward, leaving, nodes, 6), ostium, heart)
    fork = main[-1]
    along_septum: list[Offset] = [[10, -10, -2], [20, -26, -14], [26, -40, -34], [32, -48, -58]]
    along_groove: list[Offset] = [[7, 6, -6], [16, 18, -18], [14, 34, -32]]
    descending = _branch(rng, fork, along_septum, 20, ostium, heart)
    circumflex = _branch(rng, fork, along_groove, 14, ostium, heart)
    diagonal = _branch(rng, descending[6], [[12, -4, -10], [24, -6, -30]], 10, ostium, heart)
    lumen = union(
        tube(main, radius),
        tube(descending, np.linspace(radius * 0.8, radius * 0.45, 20)),
        tube(circumflex, np.linspace(radius * 0.7, radius * 0.45, 14)),
        tube(diagonal, np.linspace(radius * 0.5, radius * 0.35, 10)),
    )
    return _with_plaques(rng, lumen, np.concatenate([main[3:], descending]), heart)


def _ostium(root: RootShape, which: int) -> tuple[Vector, Vector]:
    p = root.parameters
    azimuth = p.ostium_azimuths[which]
    return root.on_wall(azimuth, p.ostium_heights_mm[which]), root.outward(azimuth)


def _leaving(outward: Vector, wish: Vector) -> Vector:
    """Return the direction of ``wish``, turned towards ``outward`` where it is too oblique to the wall."""
    along = unit(wish - outward * (wish @ outward))
    oblique = np.arctan2(np.linalg.norm(wish - outward * (wish @ outward)), wish @ outward)
    oblique = min(oblique, np.deg2rad(_MOST_OBLIQUE_DEG))
    return np.asarray(np.cos(oblique) * outward + np.sin(oblique) * along)


def _from_ostium(ostium: Vector, outward: Vector, leaving: Vector, nodes: list[Vector], count: int) -> Vector:
    """Return a path from inside the aorta straight through the ostium, then ``count`` points through ``nodes``."""
    stub = [ostium - outward * 3, ostium, ostium + leaving * _STUB_MM]
    beyond = even_curve([ostium, stub[-1], *nodes], count + 2)
    away = np.linalg.norm(beyond - ostium, axis=1) > _STUB_MM * 1.2
    return np.concatenate([stub, beyond[away]])


def _branch(
    rng: np.random.Generator, start: Vector, steps: list[Offset], count: int, ostium: Vector, heart: Shape
) -> Vector:
    nodes = [start] + [start + step + rng.normal(0, 3, 3) for step in steps]
    return _on_surface(even_curve(nodes, count), ostium, heart)


def _on_surface(path: Vector, ostium: Vector, heart: Shape) -> Vector:
    """Push a path out of chambers and great vessels, as arteries run on the heart; the ostium stays in place."""
    moved = path.copy()
    held = np.clip((np.linalg.norm(path - ostium, axis=1) - _STUB_MM) / 6, 0, 1)[:, None]
    held[0] = 0
    probes = np.concatenate([np.zeros((1, 3)), np.eye(3)])[:, None, :]
    for _ in range(_SURFACE_STEPS):
        distance = heart.distance_mm(as_points(moved + probes)).astype(float)
        gradient = (distance[1:] - distance[0]).T
        gradient /= np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 0.3)
        depth = np.clip(_SURFACE_CLEARANCE_MM - distance[0], 0, 5)[:, None]
        moved = moved + 0.7 * held * depth * gradient
        inner = 0.25 * (moved[:-2] + moved[2:] - 2 * moved[1:-1])  # keeps the path from kinking
        moved[1:-1] += held[1:-1] * inner
    return moved


def _with_plaques(rng: np.random.Generator, lumen: Shape, path: Vector, heart: Shape) -> Coronary:
    count = int(rng.integers(1, 9)) if rng.uniform() < 0.45 else 0
    plaques = []
    for _ in range(count):
        at = int(rng.integers(2, len(path) - 1))
        along = unit(path[at + 1] - path[at - 1])
        side = unit(np.cross(along, rng.normal(size=3)))
        axes = np.stack([along, side, np.cross(along, side)])
        center = path[at] + side * rng.uniform(0.8, 1.8)
        plaques.append(ellipsoid(center, [rng.uniform(1, 4), rng.uniform(0.6, 1.3), rng.uniform(0.6, 1.5)], axes))
    return Coronary(lumen, rng.uniform(1.8, 5), tuple(plaques), rng.uniform(500, 1300), heart)


def paint_coronary(canvas: Canvas, coronary: Coronary, root_lumen: Shape, wall_mm: float, contrast: Contrast) -> None:
    """Paint one artery in its fat; fat stays outside aorta and heart."""
    region = canvas.near(coronary.lumen, coronary.fat_mm + 1)
    lumen = coronary.lumen.distance_mm(region.points)
    aortic = root_lumen.distance_mm(region.points)
    outside = -np.minimum(aortic - np.float32(wall_mm), coronary.heart.distance_mm(region.points))
    fat = np.maximum(lumen - np.float32(coronary.fat_mm), outside)
    canvas.blend(region.index, canvas.coverage(fat), contrast.fat_hu)
    canvas.mark_voxels(region, fat < 0, 0)
    canvas.blend(region.index, canvas.coverage(np.maximum(lumen - np.float32(0.6), -aortic)), contrast.vessel_wall_hu)
    # The blood is the aorta's at the ostium: no edge marks the point, only the opening does.
    away = np.clip(aortic / np.float32(_FADING_MM), 0, 1)
    hu = contrast.aorta_hu + (contrast.coronary_hu - contrast.aorta_hu) * away
    blood = canvas.coverage(lumen) * (1 - canvas.coverage(aortic))
    canvas.blend(region.index, blood, hu.astype(np.float32))
    canvas.coronaries[region.kept(blood > 0.5).index] = 1
    for plaque in coronary.plaques:
        near = canvas.near(plaque, 1.5)
        canvas.blend(near.index, canvas.coverage(plaque.distance_mm(near.points)), coronary.plaque_hu)
