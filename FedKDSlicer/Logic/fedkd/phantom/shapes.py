"""Shapes as signed distances in the phantom's frame: negative inside, millimeters, float32.

A distance may be approximate away from the surface; near it, it must grow like a true distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

Floats = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
Points = tuple[Floats, Floats, Floats]  # x, y, z in mm, arrays of one common shape

Nodes = list[npt.ArrayLike]  # points x, y, z in mm that a path runs through

FAR_MM = 1.0e4


@dataclass(frozen=True)
class Shape:
    """A signed distance and the box outside of which it is positive."""

    distance_mm: Callable[[Points], Floats]
    low_mm: Vector
    high_mm: Vector

    def shrunk(self, by_mm: float) -> Shape:
        """Return the shape with its surface moved inward (outward when negative)."""
        return Shape(lambda p: self.distance_mm(p) + np.float32(by_mm), self.low_mm + by_mm, self.high_mm - by_mm)

    def cut(self, keep: Callable[[Points], Floats]) -> Shape:
        """Return the part of the shape where the distance ``keep`` is negative."""
        return Shape(lambda p: np.maximum(self.distance_mm(p), keep(p)), self.low_mm, self.high_mm)


def unit(vector: npt.ArrayLike) -> Vector:
    """Return the vector scaled to length 1."""
    v = np.asarray(vector, float)
    return v / np.linalg.norm(v)


def rotation(axis: npt.ArrayLike, angle_rad: float) -> Vector:
    """Return the 3x3 matrix that turns by ``angle_rad`` about ``axis`` (Rodrigues' formula)."""
    x, y, z = unit(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * k + (1 - np.cos(angle_rad)) * k @ k


def curve(nodes: Sequence[npt.ArrayLike], count: int) -> Vector:
    """Return ``count`` points, shape (count, 3), on the cubic spline through ``nodes``."""
    points = np.stack([np.asarray(node, float) for node in nodes])
    if len(points) == 2:
        return np.linspace(points[0], points[1], count)
    return np.asarray(CubicSpline(np.linspace(0, 1, len(points)), points)(np.linspace(0, 1, count)), float)


def even_curve(nodes: Sequence[npt.ArrayLike], count: int) -> Vector:
    """Return ``count`` points on the cubic spline through ``nodes``, run through at an even pace.

    Where distances between nodes differ much, `curve` swings far out beside the short ones; this does not.
    """
    points = np.stack([np.asarray(node, float) for node in nodes])
    length = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    return np.asarray(CubicSpline(length, points)(np.linspace(0, length[-1], count)), float)


def tube(path: npt.ArrayLike, radius_mm: npt.ArrayLike) -> Shape:
    """Return the tube around the polyline ``path``, shape (n, 3), with one radius or one at each node."""
    nodes = np.asarray(path, float)
    radii = np.broadcast_to(np.asarray(radius_mm, float), (len(nodes),))

    def distance(points: Points) -> Floats:
        x, y, z = points
        best = np.full(x.shape, FAR_MM, np.float32)
        for a, b, ra, rb in zip(nodes[:-1], nodes[1:], radii[:-1], radii[1:], strict=True):
            ax, ay, az = a.astype(np.float32)
            vx, vy, vz = (b - a).astype(np.float32)
            dx, dy, dz = x - ax, y - ay, z - az
            along = (dx * vx + dy * vy + dz * vz) / np.float32(max(float((b - a) @ (b - a)), 1e-6))
            np.clip(along, 0, 1, out=along)
            dx -= along * vx
            dy -= along * vy
            dz -= along * vz
            surface = np.float32(ra) + along * np.float32(rb - ra)
            np.minimum(best, np.sqrt(dx * dx + dy * dy + dz * dz) - surface, out=best)
        return best

    reach = radii[:, None]
    return Shape(distance, (nodes - reach).min(axis=0), (nodes + reach).max(axis=0))


def ellipsoid(center: npt.ArrayLike, semi_axes_mm: npt.ArrayLike, axes: npt.ArrayLike | None = None) -> Shape:
    """Return an ellipsoid; the rows of ``axes`` are its unit axes (default: x, y, z).

    The distance is the usual first-order one: k0 (k0 - 1) / k1, exact at the surface.
    """
    c, s = np.asarray(center, float), np.asarray(semi_axes_mm, float)
    frame = np.eye(3) if axes is None else np.asarray(axes, float)
    scaled = (frame / s[:, None]).astype(np.float32)
    twice = (frame / s[:, None] ** 2).astype(np.float32)

    def distance(points: Points) -> Floats:
        x, y, z = (p - np.float32(q) for p, q in zip(points, c, strict=True))
        k0 = np.sqrt(sum((row[0] * x + row[1] * y + row[2] * z) ** 2 for row in scaled))
        k1 = np.sqrt(sum((row[0] * x + row[1] * y + row[2] * z) ** 2 for row in twice))
        return np.asarray(k0 * (k0 - 1) / np.maximum(k1, np.float32(1e-6)), np.float32)

    half = np.sqrt(((frame * s[:, None]) ** 2).sum(axis=0))
    return Shape(distance, c - half, c + half)


def smooth_minimum(a: Floats, b: Floats, blend_mm: float) -> Floats:
    """Return the minimum of two distances, rounded over ``blend_mm`` (polynomial smooth minimum)."""
    k = np.float32(blend_mm)
    h = np.clip(np.float32(0.5) + np.float32(0.5) * (b - a) / k, 0, 1)
    return np.asarray(b * (1 - h) + a * h - k * h * (1 - h), np.float32)


def union(*shapes: Shape) -> Shape:
    """Return the union of the shapes."""
    return Shape(
        lambda p: np.minimum.reduce([shape.distance_mm(p) for shape in shapes]),
        np.min([shape.low_mm for shape in shapes], axis=0),
        np.max([shape.high_mm for shape in shapes], axis=0),
    )


def smooth_union(a: Shape, b: Shape, blend_mm: float) -> Shape:
    """Return the union of two shapes, their edge rounded over ``blend_mm``."""
    return Shape(
        lambda p: smooth_minimum(a.distance_mm(p), b.distance_mm(p), blend_mm),
        np.minimum(a.low_mm, b.low_mm) - blend_mm / 4,
        np.maximum(a.high_mm, b.high_mm) + blend_mm / 4,
    )
