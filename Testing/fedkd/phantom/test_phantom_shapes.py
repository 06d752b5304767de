"""Signed distances against analytic truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.phantom.body import as_points
from fedkd.phantom.shapes import FAR_MM, curve, ellipsoid, smooth_minimum, tube, union

coordinate = st.floats(-60, 60)


@given(x=coordinate, y=coordinate, z=coordinate)
def test_a_tube_of_one_segment_is_a_capsule(x: float, y: float, z: float) -> None:
    distance = tube([[0, 0, -10], [0, 0, 10]], 4.0).distance_mm(as_points([[x, y, z]]))[0]
    expected = np.linalg.norm([x, y, z - np.clip(z, -10, 10)]) - 4
    assert distance == pytest.approx(expected, abs=1e-3)


@given(x=coordinate, y=coordinate, z=coordinate)
def test_an_ellipsoid_with_equal_axes_is_a_sphere(x: float, y: float, z: float) -> None:
    distance = ellipsoid([1, 2, 3], [20, 20, 20]).distance_mm(as_points([[x, y, z]]))[0]
    radius = np.linalg.norm([x - 1, y - 2, z - 3])
    if radius > 1:
        assert distance == pytest.approx(radius - 20, abs=1e-3)


def test_boxes_hold_the_shapes() -> None:
    rng = np.random.default_rng(3)
    shape = union(tube(curve([[0, 0, 0], [10, 5, 20], [30, 0, 25]], 9), 3.0), ellipsoid([20, 4, -5], [9, 4, 6]))
    points = rng.uniform(-60, 60, (20_000, 3))
    inside = points[shape.distance_mm(as_points(points)) < 0]
    assert len(inside) > 20
    assert (inside >= shape.low_mm).all()
    assert (inside <= shape.high_mm).all()
    assert shape.distance_mm(as_points([[1000, 0, 0]]))[0] < FAR_MM


def test_a_smooth_minimum_is_the_minimum_far_from_the_edge_and_below_it_at_the_edge() -> None:
    a, b = np.float32([0.0, -9.0, 9.0]), np.float32([0.0, 9.0, -9.0])
    np.testing.assert_allclose(smooth_minimum(a, b, 4.0), [-1.0, -9.0, -9.0], atol=1e-5)
