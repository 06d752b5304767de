"""Foreign bodies that planning CTs show: pacemaker leads, wires in the breastbone, the table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.canvas import Canvas
from fedkd.phantom.chambers import Chambers
from fedkd.phantom.shapes import Floats, Nodes, Points, Shape, curve, tube

_METAL_HU = 3000.0


@dataclass(frozen=True)
class Devices:
    """Metal is painted last; the table first."""

    metal: tuple[Shape, ...]
    table: Shape
    table_hu: float


def draw_devices(rng: np.random.Generator, chambers: Chambers) -> Devices:
    """Draw them: a lead in one patient of ten, wires of an earlier operation in one of eight."""
    metal: list[Shape] = []
    if rng.uniform() < 0.1:
        metal.append(_draw_lead(rng, chambers))
    if rng.uniform() < 0.12:
        metal.extend(_draw_wires(rng))
    top = np.float32(rng.uniform(138, 152))
    thickness = np.float32(rng.uniform(2, 6))

    def plate(points: Points) -> Floats:
        bent = points[1] - top + points[0] ** 2 / np.float32(900)
        return np.asarray(np.maximum(np.abs(bent) - thickness, np.abs(points[0]) - 220), np.float32)

    table = Shape(plate, np.array([-225.0, 60, -900]), np.array([225.0, 170, 900]))
    return Devices(tuple(metal), table, rng.uniform(-700, 50))


def _draw_lead(rng: np.random.Generator, chambers: Chambers) -> Shape:
    tip = chambers.right_ventricle_center + chambers.left_ventricle.along * 24 + rng.normal(0, 4, 3)
    valve = 0.5 * (chambers.right_atrium_center + chambers.right_ventricle_center)
    nodes: Nodes = [[-25, 0, 150], [-35, 2, 70], chambers.right_atrium_center + [0, 0, 18], valve, tip]
    return tube(curve(nodes, 24), rng.uniform(0.6, 1.1))


def _draw_wires(rng: np.random.Generator) -> list[Shape]:
    wires = []
    for z in np.arange(-15, 105, rng.uniform(20, 30)):
        angles = np.linspace(0, 2 * np.pi, 14)
        ring = np.stack([-6 + 11 * np.cos(angles), -72 + 8 * np.sin(angles), z + 2 * np.sin(2 * angles)], axis=1)
        wires.append(tube(ring, 0.5))
    return wires


def paint_metal(canvas: Canvas, devices: Devices) -> None:
    """Paint metal."""
    for shape in devices.metal:
        region = canvas.near(shape, 2.0)
        coverage = canvas.coverage(shape.distance_mm(region.points))
        canvas.blend(region.index, coverage, _METAL_HU)


def paint_table(canvas: Canvas, devices: Devices) -> None:
    """Paint the table under the patient: only where there is air."""
    sample = canvas.sample(devices.table)
    air = (canvas.hu[sample.index] < -900).astype(np.float32)
    canvas.blend(sample.index, air * canvas.coverage(sample.distance_mm), devices.table_hu)
