"""C-arm views from first principles: where detector and shadows are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fedkd.geometry import Plane, annulus_plane
from fedkd.measurement import angles
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.shapes import CArmView

Vector = npt.NDArray[np.float64]
LEFT, BACK, HEAD = np.eye(3)
# As in people: the axis leans to the right and forward; RCC in front, LCC to the left and back, NCC to the right.
AXIS = np.array([-0.70, -0.13, 0.65]) / np.linalg.norm([-0.70, -0.13, 0.65])


def hinges(axis: Vector, turn_deg: float = 0.0, radius_mm: float = 12.0) -> dict[str, Vector]:
    """Three points on a circle around ``axis``, 120 degrees apart, counterclockwise seen from the aorta."""
    forward = -BACK - (-BACK @ axis) * axis
    forward /= np.linalg.norm(forward)
    left = np.cross(axis, forward)
    corner = [math.radians(turn_deg + number * 120.0) for number in range(3)]
    points = [radius_mm * (math.cos(angle) * forward + math.sin(angle) * left) for angle in corner]
    return dict(zip(("RCC", "LCC", "NCC"), points, strict=True))


def shadow(point: Vector, view: CArmView) -> tuple[float, float]:
    """Where a point's shadow falls on the detector: to the right of the picture, and up.

    Made from rotations of the C-arm itself: first about the patient's long axis, then about the tilted C's own axis.
    """
    lao, cranial = math.radians(view.lao_deg), math.radians(view.cranial_deg)
    # The picture of the frontal view: its right is the patient's left, its top the patient's head.
    turn = np.array([[math.cos(lao), -math.sin(lao), 0], [math.sin(lao), math.cos(lao), 0], [0, 0, 1]])
    right, front, up = (turn @ vector for vector in (LEFT, -BACK, HEAD))
    up = math.cos(cranial) * up - math.sin(cranial) * front
    return float(point @ right), float(point @ up)


def unit_vectors() -> st.SearchStrategy[Vector]:
    part = st.floats(-1, 1)
    return (
        st.tuples(part, part, part)
        .map(np.array)
        .filter(lambda v: np.linalg.norm(v) > 0.1)
        .map(lambda v: v / np.linalg.norm(v))
    )


@pytest.mark.parametrize(
    ("lao", "cranial", "where"),
    [
        (0, 0, -BACK),
        (90, 0, LEFT),
        (-90, 0, -LEFT),
        (0, 90, HEAD),
        (0, -90, -HEAD),
        (45, 0, (LEFT - BACK) / math.sqrt(2)),
        (0, 30, math.cos(math.radians(30)) * -BACK + 0.5 * HEAD),
    ],
)
def test_detector_stands_where_its_name_says(lao: float, cranial: float, where: Vector) -> None:
    assert angles.detector_direction_lps(CArmView(lao, cranial)) == pytest.approx(where, abs=1e-12)


@given(unit_vectors())
def test_the_view_along_a_line_looks_along_it_from_the_front(direction: Vector) -> None:
    view = angles.view_from(direction)
    assert abs(view.lao_deg) <= 90.0
    assert abs(angles.detector_direction_lps(view) @ direction) == pytest.approx(1.0)
    assert shadow(direction, view) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_a_line_along_the_patient_is_seen_without_rotation() -> None:
    assert angles.view_from(HEAD) == CArmView(0.0, 90.0)
    assert angles.view_from([0.0, -0.0, -2.0]) == CArmView(0.0, -90.0)


@given(unit_vectors(), st.integers(0, 180))
def test_on_the_s_curve_the_annulus_is_seen_from_its_side(normal: Vector, index: int) -> None:
    assume(abs(normal[2]) > 1e-3)
    view = angles.s_curve(Plane(np.zeros(3), normal))[index]
    assert view.lao_deg == index - 90.0
    assert angles.detector_direction_lps(view) @ normal == pytest.approx(0.0, abs=1e-9)


def test_shadows_of_the_hinges_are_in_line_on_the_s_curve() -> None:
    points = hinges(AXIS, turn_deg=13.0)
    plane = annulus_plane(points["RCC"], points["LCC"], points["NCC"])
    for view in angles.s_curve(plane)[20:160:10]:
        rcc, lcc, ncc = (np.array(shadow(points[name], view)) for name in ("RCC", "LCC", "NCC"))
        first, second = lcc - rcc, ncc - rcc
        assert first[0] * second[1] - first[1] * second[0] == pytest.approx(0.0, abs=1e-6)


def test_people_have_their_curve_from_right_caudal_to_left_cranial() -> None:
    curve = {view.lao_deg: view.cranial_deg for view in angles.s_curve(Plane(np.zeros(3), AXIS))}
    assert curve[-30] < -20 < curve[0] < 0 < 10 < curve[30]
    assert angles.aortic_angulation_deg(Plane(np.zeros(3), AXIS)) == pytest.approx(
        math.degrees(math.acos(AXIS[2])), abs=1e-9
    )


@pytest.mark.parametrize("turn_deg", [-20.0, 0.0, 17.0])
def test_right_cusp_lies_midway_and_toward_the_detector(turn_deg: float) -> None:
    points = hinges(AXIS, turn_deg)
    view = angles.three_cusp_view(points["RCC"], points["LCC"], points["NCC"])
    rcc, lcc, ncc = (shadow(points[name], view)[0] for name in ("RCC", "LCC", "NCC"))
    assert rcc == pytest.approx((lcc + ncc) / 2, abs=1e-9)
    assert ncc < rcc < lcc, "the non-coronary cusp lies on the left of the picture, the left cusp on its right"
    assert points["RCC"] @ angles.detector_direction_lps(view) > 0


@pytest.mark.parametrize("turn_deg", [-20.0, 0.0, 17.0])
def test_right_and_left_cusp_cover_each_other_and_the_third_stands_free(turn_deg: float) -> None:
    points = hinges(AXIS, turn_deg)
    view = angles.cusp_overlap_view(points["RCC"], points["LCC"])
    rcc, lcc, ncc = (np.array(shadow(points[name], view)) for name in ("RCC", "LCC", "NCC"))
    assert rcc == pytest.approx(lcc, abs=1e-9)
    assert ncc[0] < rcc[0] - 10.0, "on the left of the picture"


def test_cusp_overlap_is_right_and_caudal_in_people() -> None:
    view = angles.cusp_overlap_view(*(hinges(AXIS)[name] for name in ("RCC", "LCC")))
    assert view.lao_deg < 0
    assert view.cranial_deg < 0


@given(st.floats(-25, 25), st.floats(0, 15))
def test_views_do_not_depend_on_place_and_size(turn_deg: float, shift_mm: float) -> None:
    small, large = hinges(AXIS, turn_deg), hinges(AXIS, turn_deg, 20.0)
    for function, names in (
        (angles.three_cusp_view, ("RCC", "LCC", "NCC")),
        (angles.cusp_overlap_view, ("RCC", "LCC")),
    ):
        one = function(*(small[name] for name in names))
        other = function(*(large[name] + shift_mm for name in names))
        assert (one.lao_deg, one.cranial_deg) == pytest.approx((other.lao_deg, other.cranial_deg), abs=1e-6)


def test_points_on_each_other_give_a_reason() -> None:
    with pytest.raises(NotMeasurable, match="lie on each other"):
        angles.cusp_overlap_view([1, 2, 3], [1, 2, 3])


@pytest.mark.parametrize(
    ("view", "expected"), [(CArmView(60, -40), True), (CArmView(61, 0), False), (CArmView(0, -41), False)]
)
def test_reach(view: CArmView, expected: bool) -> None:
    assert angles.is_reachable(view) is expected


def test_a_plane_on_edge_has_a_curve_without_numbers_that_are_none() -> None:
    curve = angles.s_curve(Plane(np.zeros(3), np.array([-1.0, 0.0, 0.0])))
    assert all(abs(view.cranial_deg) <= 90.0 for view in curve)
