"""Great vessels: aorta beyond the root, pulmonary artery, venae cavae, iliac arteries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.anatomy import HEART_CHANNELS
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.chambers import Chambers
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.root_shape import RootShape
from fedkd.phantom.shapes import Nodes, Shape, Vector, curve, ellipsoid, tube, union, unit
from fedkd.phantom.texture import Texture

AORTA = HEART_CHANNELS.index("aorta")
PULMONARY_ARTERY = HEART_CHANNELS.index("pulmonary artery")


@dataclass(frozen=True)
class Vessels:
    """The heart map's aorta is root, ascending aorta and arch: it ends where the descending aorta begins."""

    ascending: Shape
    neck_arteries: Shape
    descending: Shape
    iliacs: Shape
    pulmonary_artery: Shape
    superior_cava: Shape
    inferior_cava: Shape
    wall_plaques: tuple[Shape, ...]
    plaque_hu: float
    blood_texture: Texture
    blood_texture_hu: float


def draw_vessels(rng: np.random.Generator, root: RootShape, chambers: Chambers) -> Vessels:
    """Draw the vessels so that they begin at the root and the chambers."""
    uniform, normal = rng.uniform, rng.normal
    ascending, arch_end = _draw_ascending(rng, root)
    descending_path = _descending_path(rng, arch_end)
    radius = uniform(10, 15)
    radii = np.linspace(radius, radius * uniform(0.62, 0.8), len(descending_path))
    descending = tube(descending_path, radii)
    cava_x = -34 + normal(0, 3)
    superior = tube(
        curve([[cava_x, 4 + normal(0, 3), 5], [-36 + normal(0, 3), normal(0, 4), 100], [-20, -2, 150]], 8),
        uniform(7, 11),
    )
    inferior = tube(
        curve([[-32, 12, -25], [-30, 30, -80], [-22 + normal(0, 4), 50, -180], [-16, 58, -300]], 10), uniform(8, 13)
    )
    return Vessels(
        ascending=ascending,
        neck_arteries=_draw_neck_arteries(rng),
        descending=descending,
        iliacs=_draw_iliacs(rng, descending_path[-1], float(radii[-1])),
        pulmonary_artery=_draw_pulmonary_artery(rng, chambers.pulmonary_valve),
        superior_cava=superior,
        inferior_cava=inferior,
        wall_plaques=_draw_plaques(rng, descending_path, radii),
        plaque_hu=uniform(500, 1200),
        blood_texture=Texture.draw(rng, 14.0),
        blood_texture_hu=uniform(0, 15),
    )


def _draw_ascending(rng: np.random.Generator, root: RootShape) -> tuple[Shape, Vector]:
    uniform, normal = rng.uniform, rng.normal
    p = root.parameters
    top = root.to_phantom([0, 0, p.junction_height_mm])
    upward = np.array([-0.12, 0, 1.0])
    arch_end = np.array([24.0, 60.0, 96.0]) + normal(0, 3, 3)
    nodes: Nodes = [
        top - root.axis * 6,
        top + root.axis * 4,
        top + unit(root.axis + upward) * 20,
        top + unit(root.axis + upward * 2.2) * 42 + normal(0, 3, 3),
        [normal(-8, 6), normal(-5, 6), 84],
        [10, 24, 108],
        arch_end,
    ]
    widest = p.junction_radius_mm * uniform(1.0, 1.25)
    radii = np.r_[np.linspace(p.junction_radius_mm, widest, 10), np.linspace(widest, widest * 0.85, 20)]
    shape = tube(curve(nodes, 30), radii)
    junction = np.float32(p.junction_height_mm - 2)
    return shape.cut(lambda points: junction - root.cylindrical(points).height_mm), arch_end


def _descending_path(rng: np.random.Generator, start: Vector) -> Vector:
    x, y = 24 + rng.normal(0, 5), 67 + rng.normal(0, 5)
    nodes: Nodes = [start, [x, y, 60], [x - 1, y + 2, -20], [x - 8, y - 4, -120], [2 + rng.normal(0, 4), y - 10, -220]]
    nodes.append([0 + rng.normal(0, 4), y - 18, -285 + rng.normal(0, 15)])
    return curve(nodes, 26)


def _draw_iliacs(rng: np.random.Generator, split: Vector, radius_mm: float) -> Shape:
    sides = []
    for side in (-1, 1):
        nodes: Nodes = [
            split,
            split + [side * 25, 2, -45],
            split + [side * 48, 18, -95],
            split + [side * 68, -22, -150],
        ]
        nodes.append(split + [side * 78, -38 + rng.normal(0, 4), -230])
        sides.append(tube(curve(nodes, 14), np.linspace(radius_mm * 0.68, radius_mm * 0.42, 14)))
    return union(*sides)


def _draw_neck_arteries(rng: np.random.Generator) -> Shape:
    arteries = []
    for start, end, radius in (
        ([-4, 8, 108], [-34, 12, 190], 6.0),
        ([8, 20, 112], [22, 14, 200], 4.0),
        ([18, 36, 112], [48, 26, 172], 5.0),
    ):
        middle = (np.array(start) + end) / 2 + rng.normal(0, 5, 3)
        arteries.append(tube(curve([start, middle, end], 7), radius * rng.uniform(0.8, 1.2)))
    return union(*arteries)


def _draw_pulmonary_artery(rng: np.random.Generator, valve: Vector) -> Shape:
    uniform = rng.uniform
    split = valve + np.array([4, 30, 26]) + rng.normal(0, 3, 3)
    trunk = tube(curve([valve, valve * 0.5 + split * 0.5 + [3, -2, 6], split], 14), uniform(11, 15))
    right_path: Nodes = [split, [split[0] - 35, split[1] + 6, split[2] + 2], [-50, split[1] + 8, split[2] - 4]]
    right = tube(curve(right_path, 12), uniform(8, 12))
    left = tube(np.stack([split, split + [35, 25, 6]]), uniform(8, 12))
    return union(trunk, right, left)


def _draw_plaques(rng: np.random.Generator, path: Vector, radii_mm: np.ndarray) -> tuple[Shape, ...]:
    count = int(rng.integers(0, 14)) if rng.uniform() < 0.6 else 0
    plaques = []
    for _ in range(count):
        at = int(rng.integers(1, len(path) - 1))
        along = unit(path[at + 1] - path[at - 1])
        outward = unit(np.cross(along, rng.normal(size=3)))
        axes = np.stack([outward, np.cross(along, outward), along])
        center = path[at] + outward * radii_mm[at]
        plaques.append(ellipsoid(center, [rng.uniform(0.8, 1.6), rng.uniform(1.5, 5), rng.uniform(1.5, 7)], axes))
    return tuple(plaques)


def paint_pulmonary_wall(canvas: Canvas, vessels: Vessels, contrast: Contrast) -> None:
    """Paint the pulmonary artery's wall; before the right ventricle, whose outflow opens into it."""
    canvas.fill(canvas.sample(vessels.pulmonary_artery, 1.5), contrast.vessel_wall_hu, 1.5)


def paint_vessels_behind(canvas: Canvas, vessels: Vessels, contrast: Contrast) -> None:
    """Paint the vessels that the left heart may cover."""
    texture = vessels.blood_texture
    for shape, hu, wall_mm, label in (
        (vessels.inferior_cava, contrast.inferior_cava_hu, 0.0, 0),
        (vessels.superior_cava, contrast.superior_cava_hu, 0.0, 0),
        (vessels.pulmonary_artery, contrast.pulmonary_artery_hu, 0.0, PULMONARY_ARTERY),
        (vessels.neck_arteries, contrast.aorta_hu, 1.0, 0),
        (vessels.iliacs, contrast.descending_aorta_hu, 1.2, 0),
        (vessels.descending, contrast.descending_aorta_hu, 1.5, 0),
    ):
        sample = canvas.sample(shape, wall_mm)
        canvas.fill(sample, contrast.vessel_wall_hu, wall_mm)
        canvas.fill(
            sample, np.asarray(hu + vessels.blood_texture_hu * canvas.texture(texture, sample.index), np.float32)
        )
        if label:
            canvas.mark(sample, label)
    for plaque in vessels.wall_plaques:
        region = canvas.near(plaque, 1.5)
        canvas.blend(region.index, canvas.coverage(plaque.distance_mm(region.points)), vessels.plaque_hu)


def paint_ascending_wall(canvas: Canvas, vessels: Vessels, contrast: Contrast, wall_mm: float) -> None:
    """Paint the wall of ascending aorta and arch."""
    canvas.fill(canvas.sample(vessels.ascending, wall_mm), contrast.vessel_wall_hu, wall_mm)


def paint_ascending_lumen(canvas: Canvas, vessels: Vessels, contrast: Contrast) -> None:
    """Paint the lumen of ascending aorta and arch."""
    sample = canvas.sample(vessels.ascending)
    texture = canvas.texture(vessels.blood_texture, sample.index)
    canvas.fill(sample, np.asarray(contrast.aorta_hu + vessels.blood_texture_hu * texture, np.float32))
    canvas.mark(sample, AORTA)
