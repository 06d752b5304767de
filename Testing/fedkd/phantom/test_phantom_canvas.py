"""The canvas paints the same volume, whatever the grid."""

from __future__ import annotations

import numpy as np
import pytest

from fedkd.geometry import Grid
from fedkd.phantom.body import Body, Warp
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.shapes import ellipsoid, rotation

STILL = Body(np.eye(3), np.zeros(3), Warp(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(1)))
BALL_MM3 = 4 / 3 * np.pi * 12**3


def grid(spacing_mm: float, turn: np.ndarray | None = None) -> Grid:
    size = round(40 / spacing_mm)
    direction = np.eye(3) if turn is None else turn
    origin = -direction @ (np.ones(3) * (size - 1) * spacing_mm / 2)
    return Grid((size,) * 3, (spacing_mm,) * 3, tuple(origin), tuple(direction.ravel()))


@pytest.mark.parametrize("spacing_mm", [0.7, 1.5, 4.0])
def test_interpolated_and_exact_shapes_have_the_right_volume(spacing_mm: float) -> None:
    ball = ellipsoid([0, 0, 0], [12, 12, 12])
    canvas = Canvas(grid(spacing_mm), STILL)
    canvas.fill(canvas.sample(ball), 100.0)
    assert canvas.hu.sum() / 100 * spacing_mm**3 == pytest.approx(BALL_MM3, rel=0.03)
    region = canvas.near(ball, 3.0)
    exact = canvas.coverage(ball.distance_mm(region.points))
    assert exact.sum() * spacing_mm**3 == pytest.approx(BALL_MM3, rel=0.03)


def test_an_oblique_grid_sees_the_same_ball() -> None:
    canvas = Canvas(grid(1.5, rotation([1, 2, 3], 0.4)), STILL)
    canvas.fill(canvas.sample(ellipsoid([0, 0, 0], [12, 12, 12])), 100.0)
    assert canvas.hu.sum() / 100 * 1.5**3 == pytest.approx(BALL_MM3, rel=0.03)


@pytest.mark.parametrize("thickness_mm", [0.3, 1.0, 3.0])
def test_a_thin_sheet_keeps_its_mass(thickness_mm: float) -> None:
    canvas = Canvas(grid(1.5), STILL)
    z = np.arange(-20, 20, 1.5, dtype=np.float32) + 0.37
    assert canvas.sheet_coverage(z, thickness_mm).sum() * 1.5 == pytest.approx(thickness_mm, rel=0.02)


def test_a_shape_outside_the_grid_changes_nothing() -> None:
    canvas = Canvas(grid(1.5), STILL)
    far = ellipsoid([500, 0, 0], [5, 5, 5])
    canvas.fill(canvas.sample(far), 100.0)
    assert canvas.near(far, 2.0).points[0].size == 0
    assert not canvas.hu.any()
