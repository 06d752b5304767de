"""Everything around the heart: body outline, lungs, bones, esophagus, and the organs of the abdomen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.abdomen import Abdomen, draw_abdomen, paint_abdomen
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.chambers import Chambers
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.shapes import Floats, Points, Shape, Vector, curve, ellipsoid, smooth_union, tube, union
from fedkd.phantom.texture import Texture
from fedkd.phantom.vessels import Vessels

# Outline of a trunk: height over the annulus, half width, half depth, middle in y; roughly a grown-up's.
_OUTLINE = np.array(
    [
        # z, half width, half depth, y of the middle
        [-520.0, 150.0, 95.0, 30.0],
        [-430.0, 178.0, 112.0, 25.0],
        [-340.0, 165.0, 105.0, 22.0],
        [-230.0, 148.0, 100.0, 20.0],
        [-100.0, 155.0, 108.0, 20.0],
        [20.0, 162.0, 112.0, 20.0],
        [100.0, 178.0, 102.0, 26.0],
        [145.0, 195.0, 80.0, 34.0],
        [175.0, 120.0, 66.0, 36.0],
        [200.0, 64.0, 60.0, 34.0],
        [300.0, 60.0, 62.0, 30.0],
    ]
)
_CAVITY = np.array(
    [
        [-170.0, 118.0, 76.0, 26.0],
        [-60.0, 132.0, 88.0, 22.0],
        [20.0, 130.0, 90.0, 22.0],
        [80.0, 115.0, 78.0, 26.0],
        [120.0, 88.0, 55.0, 34.0],
        [150.0, 50.0, 25.0, 40.0],
    ]
)


@dataclass(frozen=True)
class Chest:
    """Shapes of the surroundings, in the phantom's frame."""

    body: Shape
    cavity: Shape
    lungs: Shape
    skin_fat_mm: float
    lung_vessels: Texture
    lung_vessel_threshold: float
    airways: Shape
    bones: tuple[Shape, ...]
    ribs: Shape
    esophagus: Shape
    abdomen: Abdomen


def draw_chest(rng: np.random.Generator, chambers: Chambers, vessels: Vessels) -> Chest:
    """Draw the surroundings of a heart."""
    uniform, normal = rng.uniform, rng.normal
    shift = np.array([-8 + normal(0, 6), normal(0, 5)])
    size = uniform(0.88, 1.12)
    body = _column(_OUTLINE, size * uniform(0.95, 1.12), shift, -900, 900)
    cavity = _column(_CAVITY, size * uniform(0.96, 1.0), shift, -900, 152)
    lungs = _draw_lungs(rng, cavity, _mediastinum(rng, chambers, vessels))
    return Chest(
        body=body,
        cavity=cavity,
        lungs=lungs,
        skin_fat_mm=uniform(4, 26),
        lung_vessels=Texture.draw(rng, uniform(4.0, 7.0)),
        lung_vessel_threshold=uniform(1.1, 1.7),
        airways=_draw_airways(rng),
        bones=_draw_bones(rng, shift, size),
        ribs=_draw_ribs(cavity, uniform(2, 5), uniform(24, 32), uniform(0, 30)),
        esophagus=tube(curve([[2.0, 64, 170], [8, 66, 90], [8, 62, 0], [16, 50, -60]], 10), uniform(5, 9)),
        abdomen=draw_abdomen(rng, shift, cavity),
    )


def _column(table: Vector, scale: float, shift: Vector, low_z: float, high_z: float) -> Shape:
    """Return a column of elliptical cross-sections that change with z."""
    z_nodes, widths, depths, middles = table.T

    def distance(points: Points) -> Floats:
        x, y, z = points
        a = np.interp(z, z_nodes, widths * scale).astype(np.float32)
        b = np.interp(z, z_nodes, depths * scale).astype(np.float32)
        u = (x - np.float32(shift[0])) / a
        v = (y - np.float32(shift[1]) - np.interp(z, z_nodes, middles).astype(np.float32)) / b
        k0 = np.sqrt(u * u + v * v)
        k1 = np.sqrt((u / a) ** 2 + (v / b) ** 2)
        side = k0 * (k0 - 1) / np.maximum(k1, np.float32(1e-6))
        return np.asarray(np.maximum(side, z - np.float32(high_z)), np.float32)

    reach = np.array([widths.max(), depths.max()]) * scale
    middle = np.array([shift[0], shift[1] + middles.mean()])
    slack = np.array([5.0, 20.0])
    return Shape(distance, np.r_[middle - reach - slack, low_z], np.r_[middle + reach + slack, high_z])


def _mediastinum(rng: np.random.Generator, chambers: Chambers, vessels: Vessels) -> Shape:
    """Heart and great vessels with the fat around them: where no lung can be."""
    fat_mm, groove_mm = rng.uniform(1, 8), rng.uniform(5, 24)
    parts = [
        chambers.left_ventricle.outer,
        chambers.left_atrium.shrunk(-2),
        chambers.right_atrium.shrunk(-2),
        chambers.right_ventricle.shrunk(-4),
        vessels.pulmonary_artery.shrunk(-2),
        vessels.ascending.shrunk(-2),
        vessels.superior_cava.shrunk(-2),
        ellipsoid([0, 74, 0], [34, 32, 900]),
        tube(np.array([[0.0, 30, 95], [0, 30, 200]]), rng.uniform(20, 32)),
    ]
    heart = parts[0].shrunk(-fat_mm)
    for part in parts[1:-2]:
        heart = smooth_union(heart, part.shrunk(-fat_mm), groove_mm)  # fat fills the grooves of the heart
    heart = union(heart, *parts[-2:])
    half_width, behind_breastbone = np.float32(rng.uniform(8, 30)), bool(rng.uniform() < 0.6)
    if not behind_breastbone:
        return heart

    def front(points: Points) -> Floats:
        return np.maximum(np.abs(points[0] + 5) - half_width, points[1] + 20)

    return union(heart, Shape(front, np.array([-40.0, -130, -900]), np.array([35.0, -20, 900])))


def _draw_lungs(rng: np.random.Generator, cavity: Shape, mediastinum: Shape) -> Shape:
    """The chest's cavity without the mediastinum, above two domes of the diaphragm."""
    tops = (rng.uniform(-45, -12), rng.uniform(-60, -25))  # right (x < 0) and left
    steepness = rng.uniform(90, 140)

    def above_diaphragm(points: Points) -> Floats:
        x, y, z = points
        right = tops[0] - ((x + 75) ** 2 + (y - 10) ** 2) / np.float32(steepness)
        left = tops[1] - ((x - 70) ** 2 + (y - 15) ** 2) / np.float32(steepness)
        dome = np.where(x < 0, right, left)
        return np.asarray((np.maximum(dome, -150) - z) * np.float32(0.6), np.float32)

    def no_heart(points: Points) -> Floats:
        return -mediastinum.distance_mm(points)

    low, high = cavity.low_mm.copy(), cavity.high_mm.copy()
    low[2] = -160
    return Shape(cavity.distance_mm, low, high).cut(above_diaphragm).cut(no_heart).shrunk(1.5)


def _draw_airways(rng: np.random.Generator) -> Shape:
    split = np.array([-2.0, 48, 74]) + rng.normal(0, 3, 3)
    windpipe = tube(curve([split, [-2, 40, 130], [-4, 26, 300]], 8), rng.uniform(7, 10))
    right = tube(curve([split, split + [-22, 4, -18], split + [-50, 8, -34]], 6), [7, 7, 6, 6, 5, 4])
    left = tube(curve([split, split + [24, 6, -16], split + [52, 14, -30]], 6), [7, 6, 6, 5, 5, 4])
    return union(windpipe, right, left)


def _draw_bones(rng: np.random.Generator, shift: Vector, size: float) -> tuple[Shape, ...]:
    normal = rng.normal
    x = shift[0] + 4 + normal(0, 3)
    front = shift[1] + 22 - 90 * size
    breastbone = tube(curve([[x, front + 8, 105], [x, front - 4, 60], [x, front - 8, -20]], 6), [9, 9, 8, 8, 7, 5])
    flat = 0.55

    def flattened(points: Points) -> Floats:
        middle = np.float32(front)
        return breastbone.distance_mm((points[0], middle + (points[1] - middle) / np.float32(flat), points[2]))

    spine_y = 98 + normal(0, 4)
    bodies = _draw_vertebrae(x, spine_y, rng.uniform(26, 32), rng.uniform(0, 30))
    arch = union(
        tube([[x, spine_y + 34, -900], [x, spine_y + 34, 900]], 6),
        tube([[x - 16, spine_y + 22, -900], [x - 16, spine_y + 22, 900]], 5),
        tube([[x + 16, spine_y + 22, -900], [x + 16, spine_y + 22, 900]], 5),
    )
    shoulders = [
        tube(curve([[x + s * 12, front + 8, 112], [x + s * 80, 10, 135], [x + s * 150, 30, 140]], 8), 6)
        for s in (-1, 1)
    ]
    arms = [ellipsoid([x + s * 172, 34, 118], [24, 24, 26]) for s in (-1, 1)]
    blades = [ellipsoid([x + s * 100, 100, 70], [46, 7, 70]) for s in (-1, 1)]
    return (
        Shape(flattened, breastbone.low_mm - [0, 4, 0], breastbone.high_mm + [0, 4, 0]),
        bodies,
        arch,
        union(*shoulders, *arms),
        union(*blades),
    )


def _draw_vertebrae(x: float, y: float, period_mm: float, phase_mm: float) -> Shape:
    column = ellipsoid([x, y, 0], [20, 17, 9000])

    def distance(points: Points) -> Floats:
        disc = np.float32(period_mm / 2 - 3) - np.abs((points[2] + np.float32(phase_mm)) % period_mm - period_mm / 2)
        return np.asarray(np.maximum(column.distance_mm(points), -disc), np.float32)

    return Shape(distance, np.array([x - 20, y - 17, -900]), np.array([x + 20, y + 17, 900]))


def _draw_ribs(cavity: Shape, thickness_mm: float, period_mm: float, phase_mm: float) -> Shape:
    def distance(points: Points) -> Floats:
        x, y, z = points
        wall = np.abs(cavity.distance_mm((x, y, np.clip(z, -110, 110))) - 5) - np.float32(thickness_mm)
        slope = 0.45 * (y - 20) + 12 * np.abs(x) / 130  # ribs fall to the front
        rung = np.abs((z - slope + np.float32(phase_mm)) % period_mm - period_mm / 2) - np.float32(5.5)
        ends = np.maximum(np.abs(z) - 120, -40 - y)
        return np.asarray(np.maximum.reduce([wall, rung, ends]), np.float32)

    low, high = cavity.low_mm - 8, cavity.high_mm + 8
    low[2], high[2] = -120, 120
    return Shape(distance, low, high)


def paint_chest(canvas: Canvas, chest: Chest, contrast: Contrast) -> None:
    """Paint the surroundings; comes first."""
    canvas.hu[:] = -1000
    body = canvas.sample(chest.body)
    canvas.fill(body, contrast.fat_hu)
    canvas.fill(body, contrast.muscle_hu, -chest.skin_fat_mm)
    cavity = canvas.sample(chest.cavity)
    canvas.fill(cavity, contrast.fat_hu)
    paint_abdomen(canvas, chest.abdomen, contrast)
    lungs = canvas.sample(chest.lungs)
    canvas.fill(lungs, contrast.lung_hu)
    grain = canvas.texture(chest.lung_vessels, lungs.index)
    vessels = np.maximum(lungs.distance_mm + 2, (np.float32(chest.lung_vessel_threshold) - grain) * 4)
    canvas.blend(lungs.index, canvas.coverage(vessels), contrast.lung_vessel_hu)
    ribs = canvas.sample(chest.ribs)
    canvas.fill(ribs, contrast.cortex_hu * 0.6)
    for bone in (*chest.bones, *chest.abdomen.bones):
        sample = canvas.sample(bone, 2)
        canvas.fill(sample, contrast.bone_hu)
        canvas.shell(sample, contrast.cortex_hu, 2.2)
    canvas.fill(canvas.sample(chest.esophagus), contrast.esophagus_hu)
    airways = canvas.sample(chest.airways, 1.5)
    canvas.fill(airways, contrast.vessel_wall_hu, 1.2)
    canvas.fill(airways, -1000.0)
