"""Organs below the diaphragm: what a scan down to the groin shows, and what scans without a heart show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.canvas import Canvas
from fedkd.phantom.contrast import Contrast
from fedkd.phantom.shapes import Shape, Vector, curve, ellipsoid, rotation, tube, union
from fedkd.phantom.texture import Texture


@dataclass(frozen=True)
class Abdomen:
    """Organs and bones, in the phantom's frame."""

    liver: Shape
    spleen: Shape
    stomach: Shape
    stomach_gas: Shape
    kidneys: Shape
    kidney_pelves: Shape
    bowel: Shape
    bowel_content: Texture
    bladder: Shape
    back_muscles: Shape
    bones: tuple[Shape, ...]


def draw_abdomen(rng: np.random.Generator, shift: Vector, cavity: Shape) -> Abdomen:
    """Draw the organs; ``shift`` moves them sideways and to the back with the body.

    Organs end at the ``cavity`` of chest and belly.
    """
    uniform, normal = rng.uniform, rng.normal
    sx, sy = float(shift[0]), float(shift[1])
    liver_top = uniform(-48, -22)
    liver_height = uniform(65, 85)
    liver = union(
        ellipsoid([sx - 60 + normal(0, 8), sy + 14, liver_top - liver_height], [78, 78, liver_height]),
        ellipsoid([sx - 5, sy - 22, liver_top - 48], [70, 45, 34], rotation([0, 1, 0], uniform(-0.3, 0.3))),
    )
    stomach_center = np.array([sx + 58, sy - 8, -95]) + normal(0, 8, 3)
    stomach = ellipsoid(stomach_center, [uniform(30, 48), uniform(28, 42), uniform(30, 50)])
    kidneys, pelves = [], []
    for side in (-1, 1):
        center = np.array([sx + side * 58, sy + 62, -185 + normal(0, 15) + side * 6])
        kidneys.append(
            ellipsoid(center, [uniform(22, 30), uniform(20, 28), uniform(45, 60)], rotation([0, 1, 0], 0.2 * side))
        )
        pelves.append(ellipsoid(center - [side * 10, 0, 0], [9, 9, 20]))
    return Abdomen(
        liver=liver.cut(cavity.distance_mm),
        spleen=ellipsoid(
            [sx + 95 + normal(0, 5), sy + 55, -95 + normal(0, 10)], [uniform(18, 28), 38, uniform(38, 55)]
        ),
        stomach=stomach,
        stomach_gas=ellipsoid(stomach_center - [0, 16, 0], [uniform(12, 26), 12, uniform(12, 28)]),
        kidneys=union(*kidneys),
        kidney_pelves=union(*pelves),
        bowel=ellipsoid([sx, sy - 10, -300], [uniform(95, 125), uniform(50, 75), uniform(110, 140)]).cut(
            cavity.distance_mm
        ),
        bowel_content=Texture.draw(rng, uniform(16, 26)),
        bladder=ellipsoid([sx, sy - 5, -440 + normal(0, 8)], [uniform(25, 45), uniform(25, 38), uniform(20, 38)]),
        back_muscles=_draw_back_muscles(sx, sy),
        bones=_draw_pelvis(sx, sy),
    )


def _draw_back_muscles(sx: float, sy: float) -> Shape:
    muscles = [tube([[sx + s * 38, sy + 112, -520], [sx + s * 36, sy + 116, 60]], 19) for s in (-1, 1)]
    psoas = [
        tube(curve([[sx + s * 28, sy + 78, -180], [sx + s * 44, sy + 66, -300], [sx + s * 75, sy + 10, -420]], 8), 20)
        for s in (-1, 1)
    ]
    return union(*muscles, *psoas)


def _draw_pelvis(sx: float, sy: float) -> tuple[Shape, ...]:
    sacrum = ellipsoid([sx, sy + 98, -365], [44, 20, 48], rotation([1, 0, 0], 0.45))
    wings = [
        ellipsoid(
            [sx + s * 98, sy + 50, -345], [9, 52, 58], rotation([0, 0, 1], -0.5 * s) @ rotation([0, 1, 0], 0.35 * s)
        )
        for s in (-1, 1)
    ]
    hips = [ellipsoid([sx + s * 88, sy + 25, -432], [25, 25, 25]) for s in (-1, 1)]
    shafts = [
        tube([[sx + s * 92, sy + 25, -440], [sx + s * 130, sy + 28, -470], [sx + s * 128, sy + 25, -640]], 15)
        for s in (-1, 1)
    ]
    front = tube(curve([[sx - 70, sy + 10, -425], [sx, sy - 30, -455], [sx + 70, sy + 10, -425]], 10), 9)
    return (union(sacrum, *wings), union(*hips, *shafts), front)


def paint_abdomen(canvas: Canvas, abdomen: Abdomen, contrast: Contrast) -> None:
    """Paint the organs; bones are painted with the chest's."""
    bowel = canvas.sample(abdomen.bowel)
    content = canvas.texture(abdomen.bowel_content, bowel.index)
    loops = np.maximum(bowel.distance_mm, (np.abs(content) - np.float32(0.75)) * 10)
    canvas.blend(bowel.index, canvas.coverage(loops), contrast.bowel_hu)
    gas = np.maximum(bowel.distance_mm + 4, (np.float32(0.95) - content) * 8)
    canvas.blend(bowel.index, canvas.coverage(gas), -950.0)
    for shape, hu in (
        (abdomen.back_muscles, contrast.muscle_hu),
        (abdomen.stomach, contrast.bowel_hu),
        (abdomen.stomach_gas, -980.0),
        (abdomen.spleen, contrast.spleen_hu),
        (abdomen.kidneys, contrast.kidney_hu),
        (abdomen.kidney_pelves, contrast.bowel_hu),
        (abdomen.bladder, 5.0),
        (abdomen.liver, contrast.liver_hu),
    ):
        canvas.fill(canvas.sample(shape), hu)
