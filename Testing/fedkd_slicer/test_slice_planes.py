"""Each set of three planes stands at right angles, and holds what it is named for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.ct_images import rotation
from builders.scene_case import POSITIONS_LPS_MM, ROOT_AXIS_LPS
from fedkd.geometry import LPS_TO_RAS
from fedkd_slicer.slice_planes import NothingToShow, planes_of
from fedkd_slicer.view_planes import ViewPlane

ROOT_RAS_MM = {name: at * LPS_TO_RAS for name, at in POSITIONS_LPS_MM.items()}
AXIS = ROOT_AXIS_LPS * LPS_TO_RAS
TARGETS = ["annulus", "RCO", "LCO", "septum"]
angles = st.floats(-180.0, 180.0)


def distance_mm(plane: ViewPlane, name: str, positions=ROOT_RAS_MM) -> float:
    return abs(float(plane.project_mm(positions[name])[2]))


@pytest.mark.parametrize("target", TARGETS)
@given(about_x=angles, about_y=angles, about_z=angles)
def test_planes_stand_at_right_angles_however_the_patient_lies(target, about_x, about_y, about_z) -> None:
    turn = rotation(0, about_x) @ rotation(1, about_y) @ rotation(2, about_z)
    planes = planes_of(target, {name: turn @ at for name, at in ROOT_RAS_MM.items()})
    normals = np.array([planes[name].toward_viewer for name in ("Red", "Green", "Yellow")])
    np.testing.assert_allclose(normals @ normals.T, np.eye(3), atol=1e-9)
    for plane in planes.values():
        np.testing.assert_allclose(plane.plane_to_ras[:3, :3] @ plane.plane_to_ras[:3, :3].T, np.eye(3), atol=1e-9)
        assert np.linalg.det(plane.plane_to_ras) == pytest.approx(1.0)


def test_the_annulus_lies_in_red_and_its_axis_in_the_others() -> None:
    planes = planes_of("annulus", ROOT_RAS_MM)
    assert all(distance_mm(planes["Red"], name) < 1e-9 for name in ("RCC", "LCC", "NCC"))
    assert distance_mm(planes["Green"], "RCC") < 1e-9
    assert abs(planes["Green"].toward_viewer @ AXIS) < 1e-9
    assert abs(planes["Yellow"].toward_viewer @ AXIS) < 1e-9


@pytest.mark.parametrize("ostium", ["RCO", "LCO"])
def test_an_ostium_lies_in_all_three_and_red_holds_the_axis(ostium) -> None:
    planes = planes_of(ostium, ROOT_RAS_MM)
    for plane in planes.values():
        np.testing.assert_allclose(plane.project_mm(ROOT_RAS_MM[ostium]), 0.0, atol=1e-9)
    assert abs(planes["Red"].toward_viewer @ AXIS) < 1e-9
    np.testing.assert_allclose(planes["Red"].up, AXIS, atol=1e-9)
    assert abs(planes["Green"].toward_viewer @ AXIS) == pytest.approx(1.0)


def test_both_septal_points_lie_in_red_and_in_yellow() -> None:
    planes = planes_of("septum", ROOT_RAS_MM)
    for name in ("MS1", "MS2"):
        assert distance_mm(planes["Red"], name) < 1e-9
        assert distance_mm(planes["Yellow"], name) < 1e-9
    assert planes["Red"].project_mm(ROOT_RAS_MM["MS1"])[1] > 0, "the upper point is up"


def test_the_septum_is_shown_without_hinge_points() -> None:
    planes = planes_of("septum", {name: ROOT_RAS_MM[name] for name in ("MS1", "MS2")})
    assert distance_mm(planes["Red"], "MS1") < 1e-9


@pytest.mark.parametrize(
    ("target", "missing", "words"),
    [
        ("annulus", {"LCC"}, "RCC, LCC and NCC"),
        ("RCO", {"RCC"}, "RCC, LCC and NCC"),
        ("RCO", {"RCO"}, "RCO is missing"),
        ("septum", {"MS1", "MS2"}, "MS1 and MS2 are missing"),
    ],
)
def test_what_is_missing_is_said(target, missing, words) -> None:
    with pytest.raises(NothingToShow, match=words):
        planes_of(target, {name: at for name, at in ROOT_RAS_MM.items() if name not in missing})
