"""Planes hold what they promise, at any place and in any pose of the root."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fedkd.anatomy import HINGE_POINTS
from fedkd_slicer.view_planes import (
    RootFrame,
    ViewPlane,
    along_axis_view,
    annulus_view,
    axial_view,
    coronal_view,
    direction_letters,
    middle_of,
    root_frame,
    sagittal_view,
    septum_points,
    septum_view,
    three_cusp_view,
)

unhurried = settings(deadline=None)  # busy machines are no failures
places = st.tuples(*[st.floats(-300, 300)] * 3).map(np.array)
angles = st.floats(-np.pi, np.pi)


def rotated(axis_z: float, tilt: float, turn: float) -> np.ndarray:
    def about(first: int, second: int, angle: float) -> np.ndarray:
        matrix = np.eye(3)
        matrix[first, first] = matrix[second, second] = np.cos(angle)
        matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
        return matrix

    return about(0, 1, axis_z) @ about(0, 2, tilt) @ about(0, 1, turn)


@st.composite
def roots(draw):
    """Hinge points on a circle, counterclockwise from the aorta, with the true axis, center and radius."""
    pose = rotated(draw(angles), draw(angles), draw(angles))
    center, radius = draw(places), draw(st.floats(5, 25))
    turns = np.radians([0.0, draw(st.floats(90, 150)), draw(st.floats(210, 270))])
    circle = np.stack([np.cos(turns), np.sin(turns), np.zeros(3)], axis=1) * radius
    positions = dict(zip(HINGE_POINTS, center + circle @ pose.T, strict=True))
    return positions, RootFrame(center, pose[:, 2], radius)


def assert_right_handed(plane: ViewPlane) -> None:
    rotation = plane.plane_to_ras[:3, :3]
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1)


@unhurried
@given(roots())
def test_the_root_frame_is_the_circle_through_the_hinge_points(root):
    positions, truth = root
    frame = root_frame(positions)
    assert frame is not None
    np.testing.assert_allclose(frame.center_ras_mm, truth.center_ras_mm, atol=1e-6)
    np.testing.assert_allclose(frame.axis, truth.axis, atol=1e-6)
    assert frame.radius_mm == pytest.approx(truth.radius_mm)


@unhurried
@given(roots())
def test_the_annulus_view_holds_the_hinge_points_and_is_seen_from_the_ventricle(root):
    positions, frame = root
    plane = annulus_view(frame)
    assert_right_handed(plane)
    for position in positions.values():
        across = plane.project_mm(position)
        assert across[2] == pytest.approx(0, abs=1e-6)
        assert np.hypot(*across[:2]) == pytest.approx(frame.radius_mm)
    np.testing.assert_allclose(plane.toward_viewer, -frame.axis, atol=1e-9)
    # From below, the order RCC, LCC, NCC runs clockwise.
    right, left, non = (plane.project_mm(positions[name])[:2] for name in HINGE_POINTS)
    first, second = left - right, non - right
    assert first[0] * second[1] - first[1] * second[0] < 0
    assert plane.up[1] >= -1e-9  # anterior is up


@unhurried
@given(roots(), places)
def test_the_view_along_the_axis_holds_axis_and_point(root, offset):
    _, frame = root
    point = frame.center_ras_mm + offset / 10
    plane = along_axis_view(frame, point)
    assert_right_handed(plane)
    np.testing.assert_allclose(plane.up, frame.axis, atol=1e-9)
    assert plane.project_mm(frame.center_ras_mm)[2] == pytest.approx(0, abs=1e-6)
    distance_from_axis = np.linalg.norm(np.cross(offset / 10, frame.axis))
    assume(distance_from_axis > 0.6)
    assert plane.project_mm(point)[2] == pytest.approx(0, abs=1e-6)


@unhurried
@given(roots())
def test_the_view_along_the_axis_faces_the_reader(root):
    positions, frame = root
    plane = along_axis_view(frame, positions["RCC"])
    if abs(plane.right[0]) > 0.06:
        assert plane.right[0] < 0  # the patient's left on the right


@unhurried
@given(roots(), places, places)
def test_the_septum_view_holds_both_points_upright(root, middle, direction):
    _, frame = root
    assume(np.linalg.norm(direction) > 1)
    half = direction / np.linalg.norm(direction) * 4
    plane = septum_view(frame, middle + half, middle - half)
    assert_right_handed(plane)
    np.testing.assert_allclose(plane.project_mm(middle + half), [0, 4, 0], atol=1e-6)
    np.testing.assert_allclose(plane.project_mm(middle - half), [0, -4, 0], atol=1e-6)


def test_the_septum_view_shows_the_direction_to_the_roots_axis():
    frame = RootFrame(np.zeros(3), np.array([0.0, 0.0, 1.0]), 12.0)
    plane = septum_view(frame, [10.0, 5.0, 0.0], [10.0, 5.0, -6.0])
    inward = np.array([-10.0, -5.0, 0.0])
    assert plane.project_mm(plane.center_ras_mm + inward)[2] == pytest.approx(0)


@pytest.mark.parametrize("frame", [None, RootFrame(np.zeros(3), np.array([0.0, 0.0, 1.0]), 12.0)])
def test_a_septum_of_one_point_still_has_a_view(frame):
    plane = septum_view(frame, [9.0, 2.0, 3.0], [9.0, 2.0, 3.0])
    assert_right_handed(plane)
    np.testing.assert_allclose(plane.center_ras_mm, [9.0, 2.0, 3.0])


@unhurried
@given(roots())
def test_in_the_three_cusp_view_hinge_points_lie_on_one_line_with_rcc_in_front(root):
    positions, frame = root
    plane = three_cusp_view(frame, positions)
    assert_right_handed(plane)
    seen = {name: plane.project_mm(position) for name, position in positions.items()}
    heights = [place[1] for place in seen.values()]
    assert max(heights) - min(heights) < 1e-6
    assert seen["RCC"][0] == pytest.approx((seen["LCC"][0] + seen["NCC"][0]) / 2, abs=1e-6)
    assert seen["RCC"][2] > max(seen["LCC"][2], seen["NCC"][2])
    assert seen["NCC"][0] < seen["RCC"][0] < seen["LCC"][0]


def test_hinge_points_on_a_line_or_missing_give_no_frame():
    line = {name: np.array([float(index), 0.0, 0.0]) for index, name in enumerate(HINGE_POINTS)}
    assert root_frame(line) is None
    assert root_frame({name: line[name] for name in HINGE_POINTS[:2]}) is None


def test_anatomical_planes_are_read_as_radiologists_do():
    assert "".join(direction_letters(d) for d in (axial_view([0, 0, 0]).right, axial_view([0, 0, 0]).up)) == "LA"
    assert "".join(direction_letters(d) for d in (coronal_view([0, 0, 0]).right, coronal_view([0, 0, 0]).up)) == "LS"
    assert "".join(direction_letters(d) for d in (sagittal_view([0, 0, 0]).right, sagittal_view([0, 0, 0]).up)) == "PS"
    assert direction_letters(axial_view([0, 0, 0]).toward_viewer) == "I"
    assert direction_letters(coronal_view([0, 0, 0]).toward_viewer) == "A"
    assert direction_letters(sagittal_view([0, 0, 0]).toward_viewer) == "L"


@pytest.mark.parametrize(
    ("direction", "letters"),
    [((1, 0, 0), "R"), ((-1, 0.2, 0), "L"), ((0.6, 0, -0.8), "IR"), ((-0.7, -0.7, 0.1), "LP"), ((1, 1, 1), "RA")],
)
def test_directions_are_named(direction, letters):
    assert direction_letters(direction) == letters


def test_what_was_found_decides_where_to_look():
    positions = {"RCC": np.array([0.0, 0, 0]), "LCC": np.array([2.0, 0, 0]), "MS2": np.array([90.0, 0, 0])}
    np.testing.assert_allclose(middle_of(positions), [1, 0, 0])
    np.testing.assert_allclose(middle_of({"MS2": positions["MS2"]}), [90, 0, 0])
    assert middle_of({}) is None
    assert septum_points({}) is None
    upper, lower = septum_points({"MS2": positions["MS2"]})
    assert upper is lower
