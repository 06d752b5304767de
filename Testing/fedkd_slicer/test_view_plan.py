"""Every case gets the same pictures; what is missing is said in words and replaced."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.scene_case import POSITIONS_LPS_MM
from fedkd.anatomy import HINGE_POINTS, LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.shapes import CArmView
from fedkd_slicer.measured_shapes import CArmDirection
from fedkd_slicer.view_plan import plan_slices, plan_three_d

unhurried = settings(deadline=None)  # busy machines are no failures
POSITIONS_RAS_MM = {name: position * LPS_TO_RAS for name, position in POSITIONS_LPS_MM.items()}
CENTER = np.array([7.0, 8.0, 9.0])
FILES = ["annulus.png", "ostium_rco.png", "ostium_lco.png", "septum.png", "axial.png", "coronal.png"]


def plan_without(*missing, c_arms=None):
    positions = {name: place for name, place in POSITIONS_RAS_MM.items() if name not in missing}
    return {
        view.file_name: view
        for view in (*plan_slices(positions, CENTER), *plan_three_d(positions, CENTER, c_arms or {}))
    }


@unhurried
@given(st.sets(st.sampled_from(LANDMARK_NAMES)))
def test_whatever_is_missing_the_pictures_are_the_same_files(missing):
    plan = plan_without(*missing)
    assert list(plan) == [*FILES, "overview_3d.png"]
    for view in plan.values():
        assert not missing & set(view.landmarks)
        assert np.isfinite(view.plane.plane_to_ras).all()
        assert len(view.title) <= 72  # as wide as a picture
    for name in missing & set(HINGE_POINTS):
        assert name in plan["annulus.png"].title
    for name in missing & {"MS1", "MS2"}:
        assert name in plan["septum.png"].title
    for name in missing & {"RCO", "LCO"}:
        assert name in plan[f"ostium_{name.lower()}.png"].title


def test_views_of_a_complete_case_hold_their_landmarks():
    plan = plan_without()
    for file_name, names in {
        "annulus.png": HINGE_POINTS,
        "ostium_rco.png": ("RCO",),
        "ostium_lco.png": ("LCO",),
        "septum.png": ("MS1", "MS2"),
    }.items():
        for name in names:
            assert plan[file_name].plane.project_mm(POSITIONS_RAS_MM[name])[2] == pytest.approx(0, abs=1e-6)
            assert name in plan[file_name].landmarks
        assert "not found" not in plan[file_name].title
    assert plan["overview_3d.png"].landmarks == LANDMARK_NAMES


def test_an_ostium_that_was_not_found_leaves_its_sinus_to_look_at():
    view = plan_without("RCO")["ostium_rco.png"]
    assert view.title == "Sinus of RCC, plane along the root's axis (RCO not found)"
    assert view.plane.project_mm(POSITIONS_RAS_MM["RCC"])[2] == pytest.approx(0, abs=1e-6)


def test_without_any_landmark_the_middle_of_the_ct_is_shown():
    for view in plan_without(*LANDMARK_NAMES).values():
        np.testing.assert_allclose(view.plane.center_ras_mm, CENTER)


def test_a_measured_cusp_overlap_is_shown_with_its_angles_and_needs_the_root():
    c_arms = {"cusp overlap": CArmDirection(CArmView(-12.4, -8.0), np.array([0.0, 1.0, 0.0]))}
    view = plan_without(c_arms=c_arms)["cusp_overlap_3d.png"]
    assert view.title == "3D cusp-overlap view as on the C-arm, RAO 12°, caudal 8°"
    np.testing.assert_allclose(view.plane.toward_viewer, [0, 1, 0], atol=1e-9)
    np.testing.assert_allclose(view.plane.up, [0, 0, 1], atol=1e-9)  # the head is up
    assert "cusp_overlap_3d.png" not in plan_without("RCC", c_arms=c_arms)
