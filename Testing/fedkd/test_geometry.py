"""Grids, planes and circles against what geometry says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from fedkd.geometry import Grid, annulus_plane, hinge_circle_diameter_mm, is_same_place

millimeters = st.floats(-500, 500)
points = st.tuples(millimeters, millimeters, millimeters)
turns = st.tuples(*[st.floats(-3, 3)] * 3).map(lambda vector: Rotation.from_rotvec(vector).as_matrix())


@settings(max_examples=50)
@given(center=points, turn=turns, spacing_mm=st.floats(0.3, 5), point=points)
def test_index_and_lps_undo_each_other(
    center: tuple[float, ...], turn: np.ndarray, spacing_mm: float, point: tuple[float, ...]
) -> None:
    grid = Grid.centered(center, (20, 30, 40), spacing_mm).turned(turn)
    assert np.allclose(grid.index_to_lps(grid.lps_to_index(point)), point, atol=1e-6)


@settings(max_examples=50)
@given(center=points, turn=turns)
def test_turning_keeps_the_middle_and_the_distances(center: tuple[float, ...], turn: np.ndarray) -> None:
    grid = Grid.centered(center, (20, 31, 40), 1.5).turned(turn)
    assert np.allclose(grid.index_to_lps((9.5, 15, 19.5)), center, atol=1e-6)
    assert np.allclose(grid.index_to_lps((10.5, 15, 19.5)) - center, 1.5 * turn[:, 0], atol=1e-6)


def test_bounds_hold_the_outer_faces() -> None:
    grid = Grid.centered((10, 20, 30), (4, 6, 8), 2.0)
    low, high = grid.bounds_lps_mm()
    assert np.allclose(low, (6, 14, 22))
    assert np.allclose(high, (14, 26, 38))
    assert grid.contains((6.01, 20, 30))
    assert not grid.contains((5.99, 20, 30))


@settings(max_examples=50)
@given(
    center=points,
    turn=turns,
    radius_mm=st.floats(8, 20),
    gaps_deg=st.tuples(st.floats(80, 140), st.floats(80, 140)),
)
def test_circle_through_hinge_points_is_found_with_its_axis(
    center: tuple[float, ...], turn: np.ndarray, radius_mm: float, gaps_deg: tuple[float, float]
) -> None:
    angles = np.radians([0, gaps_deg[0], gaps_deg[0] + gaps_deg[1]])
    flat = radius_mm * np.stack([np.cos(angles), np.sin(angles), np.zeros(3)], axis=1)
    hinges = flat @ turn.T + center
    plane = annulus_plane(*hinges)
    assert np.allclose(plane.center_lps_mm, center, atol=1e-5)
    assert np.allclose(plane.normal_lps, turn[:, 2], atol=1e-6), "counterclockwise seen from the tip of the normal"
    assert hinge_circle_diameter_mm(*hinges) == pytest.approx(2 * radius_mm)
    assert plane.signed_distance_mm(np.array(center) + 7 * turn[:, 2]) == pytest.approx(7, abs=1e-5)


@pytest.mark.parametrize("hinges", [((0, 0, 0), (1, 1, 1), (5, 5, 5)), ((3, 3, 3),) * 3])
def test_points_on_one_line_have_no_plane(hinges: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(ValueError, match="one line"):
        annulus_plane(*hinges)


def test_same_place_is_what_files_can_tell_apart_and_nowhere_is_one_place() -> None:
    assert is_same_place((1.0, 2.0, 3.0), (1.004, 2.0, 3.0))
    assert not is_same_place((1.0, 2.0, 3.0), (1.02, 2.0, 3.0))
    assert not is_same_place((1.0, 2.0, 3.0), None)
    assert not is_same_place(None, (1.0, 2.0, 3.0))
    assert is_same_place(None, None)
