"""Slice views on the root by one click and back; the 3D view as a C-arm shows it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import slicer

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from fedkd_slicer.slice_planes import NothingToShow
from fedkd_slicer.view_nodes import SlicePlace
from harness.view_mouse import SliceMouse

VIEWS = ("Red", "Green", "Yellow")


def slice_node(name: str):
    return slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()


def places() -> dict[str, np.ndarray]:
    """Return the matrices from pixels to RAS of all slice views: where they are, and how large they show it."""
    return {name: slicer.util.arrayFromVTKMatrix(slice_node(name).GetXYToRAS()) for name in VIEWS}


def distance_mm(name: str, ras_mm) -> float:
    matrix = slicer.util.arrayFromVTKMatrix(slice_node(name).GetSliceToRAS())
    return float((np.asarray(ras_mm) - matrix[:3, 3]) @ matrix[:3, 2])


def is_inside(name: str, ras_mm) -> bool:
    node = slice_node(name)
    x, y, _, _ = np.linalg.inv(places()[name]) @ [*ras_mm, 1.0]
    return 0 <= x < node.GetDimensions()[0] and 0 <= y < node.GetDimensions()[1]


def same(some: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    return all(np.allclose(some[name], others[name], atol=1e-9) for name in VIEWS)


def test_the_review_begins_at_the_annulus_with_the_ct(opened) -> None:
    for label in ("RCC", "LCC", "NCC"):
        assert distance_mm("Red", opened.at(label)) == pytest.approx(0.0, abs=1e-6)
        assert is_inside("Red", opened.at(label))
    for name in VIEWS:
        composite = slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode()
        assert composite.GetBackgroundVolumeID() == opened.shown.volume.GetID()
    assert not opened.shown.slices.can_go_back


@pytest.mark.parametrize(
    ("target", "held"),
    [("annulus", ["RCC", "LCC", "NCC"]), ("RCO", ["RCO"]), ("LCO", ["LCO"]), ("septum", ["MS1", "MS2"])],
)
def test_one_click_there_and_one_back(opened, target, held) -> None:
    for name in VIEWS:
        slice_node(name).SetOrientationToAxial()
        slice_node(name).JumpSliceByCentering(3.0, 4.0, 5.0)
    before = places()
    opened.shown.slices.show(target)
    assert not same(before, places())
    for label in held:
        assert distance_mm("Red", opened.at(label)) == pytest.approx(0.0, abs=1e-6)
        assert is_inside("Red", opened.at(label))
    opened.shown.slices.show("annulus")
    assert opened.shown.slices.can_go_back
    opened.shown.slices.back()
    assert same(before, places())
    assert not opened.shown.slices.can_go_back


def test_the_wheel_moves_along_the_axis_and_only_that_view(opened) -> None:
    for name in VIEWS:
        slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode().SetLinkedControl(True)
    opened.shown.slices.show("annulus")
    before = places()
    normal = slicer.util.arrayFromVTKMatrix(slice_node("Red").GetSliceToRAS())[:3, 2]
    SliceMouse("Red").wheel(3)
    moved = places()["Red"][:3, 3] - before["Red"][:3, 3]
    assert np.linalg.norm(moved) > 1.0
    np.testing.assert_allclose(np.cross(moved, normal), 0.0, atol=1e-6)
    for name in ("Green", "Yellow"):
        np.testing.assert_allclose(places()[name], before[name], atol=1e-9)


def test_landmarks_beside_the_slice_are_seen_as_projections(opened) -> None:
    opened.shown.slices.show("annulus")
    mouse = SliceMouse("Red")
    mouse.wheel(4)
    display = opened.node.GetDisplayNode()
    assert display.GetSliceProjection()
    mouse._view.draw()
    with_projections = picture(mouse)
    display.SetSliceProjection(False)
    mouse._view.draw()
    without = picture(mouse)
    x, y, _ = mouse._view.convertRASToXYZ([float(each) for each in opened.at("RCC")])
    row, column = with_projections.shape[0] - 1 - round(y), round(x)
    window = np.s_[max(row - 6, 0) : row + 7, max(column - 6, 0) : column + 7]
    assert np.abs(with_projections[window].astype(int) - without[window]).max() > 30


def picture(mouse: SliceMouse) -> np.ndarray:
    return mouse._view.live().pixels().copy()


def test_all_slices_jump_to_a_landmark_and_keep_their_directions(opened) -> None:
    opened.shown.slices.show("LCO")
    before = places()
    opened.shown.slices.jump_to("MS2")
    for name in VIEWS:
        assert distance_mm(name, opened.at("MS2")) == pytest.approx(0.0, abs=1e-6)
        assert is_inside(name, opened.at("MS2"))
        np.testing.assert_allclose(places()[name][:3, :3], before[name][:3, :3], atol=1e-9)
    opened.desk.remove("MS1")
    before = places()
    opened.shown.slices.jump_to("MS1")
    assert same(before, places())


def test_a_view_that_needs_a_missing_landmark_says_which(opened) -> None:
    opened.desk.remove("RCO")
    before = places()
    with pytest.raises(NothingToShow, match="RCO is missing"):
        opened.shown.slices.show("RCO")
    assert same(before, places())
    assert not opened.shown.slices.can_go_back


def test_slices_are_laid_out_when_none_is_on_the_screen(opened) -> None:
    manager = slicer.app.layoutManager()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUp3DView)
    opened.shown.slices.show("annulus")
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView


def test_closing_the_case_puts_slices_and_camera_back(reading, case, ct) -> None:
    reading.open(case, ct)
    before = places()
    reading.shown.slices.show("septum")
    reading.shown.c_arm.show(20.0, 10.0)
    reading.desk.close()
    assert same(before, places())
    assert view_node().GetRenderMode() == slicer.vtkMRMLViewNode.Perspective


def test_closing_the_case_keeps_the_layout(reading, case, ct) -> None:
    reading.open(case, ct)
    reading.shown.slices.show("annulus")
    manager = slicer.app.layoutManager()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    reading.desk.close()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView


def camera():
    return slicer.app.layoutManager().threeDWidget(0).threeDView().cameraNode()


def view_node():
    return slicer.app.layoutManager().threeDWidget(0).mrmlViewNode()


def toward_detector_lps(lao_deg: float, cranial_deg: float) -> np.ndarray:
    """The formula of `fedkd.measurement.angles`, written down a second time."""
    lao, cranial = math.radians(lao_deg), math.radians(cranial_deg)
    return np.array([math.sin(lao) * math.cos(cranial), -math.cos(lao) * math.cos(cranial), math.sin(cranial)])


@pytest.mark.parametrize(
    ("lao_deg", "cranial_deg"), [(0.0, 0.0), (90.0, 0.0), (-30.0, 0.0), (0.0, 25.0), (15.0, -20.0), (-80.0, 35.0)]
)
def test_the_camera_stands_where_the_detector_does(opened, lao_deg, cranial_deg) -> None:
    opened.shown.c_arm.show(lao_deg, cranial_deg)
    toward = np.array(camera().GetPosition()) - np.array(camera().GetFocalPoint())
    expected = toward_detector_lps(lao_deg, cranial_deg) * LPS_TO_RAS
    np.testing.assert_allclose(toward / np.linalg.norm(toward), expected, atol=1e-9)
    assert view_node().GetRenderMode() == slicer.vtkMRMLViewNode.Orthographic


def test_from_lao_the_patients_left_lies_to_the_viewers_right(opened) -> None:
    """Detector in front: right in the picture is the patient's left, up is the head."""
    opened.shown.c_arm.show(0.0, 0.0)
    forward = np.array(camera().GetFocalPoint()) - np.array(camera().GetPosition())
    right = np.cross(forward, camera().GetViewUp())
    assert right[0] / np.linalg.norm(right) == pytest.approx(-1.0), "RAS: left is negative"
    np.testing.assert_allclose(camera().GetViewUp(), [0.0, 0.0, 1.0], atol=1e-9)


def seen_at(opened, label: str) -> np.ndarray:
    """Return where the 3D view draws a landmark, in pixels."""
    view = slicer.app.layoutManager().threeDWidget(0).threeDView()
    view.draw()
    renderer = view.live().renderer
    assert renderer.GetActiveCamera().GetParallelProjection()
    renderer.SetWorldPoint(*opened.at(label), 1.0)
    renderer.WorldToDisplay()
    return np.array(renderer.GetDisplayPoint()[:2])


def test_in_the_cusp_overlap_view_right_and_left_cusp_cover_each_other(opened) -> None:
    assert set(opened.shown.c_arm.named) == {"three-cusp", "cusp overlap"}
    opened.shown.c_arm.show_named("cusp overlap")
    assert np.linalg.norm(seen_at(opened, "RCC") - seen_at(opened, "LCC")) < 1.0
    assert np.linalg.norm(seen_at(opened, "RCC") - seen_at(opened, "NCC")) > 50.0


def test_in_the_three_cusp_view_the_right_cusp_lies_midway_and_all_in_line(opened) -> None:
    opened.shown.c_arm.show_named("three-cusp")
    right, left, non = (seen_at(opened, label) for label in ("RCC", "LCC", "NCC"))
    np.testing.assert_allclose(right, (left + non) / 2, atol=1.0)


def test_the_review_begins_with_the_root_from_the_front(opened) -> None:
    toward = np.array(camera().GetPosition()) - np.array(camera().GetFocalPoint())
    np.testing.assert_allclose(toward / np.linalg.norm(toward), [0.0, 1.0, 0.0], atol=1e-9)
    assert not opened.shown.c_arm.can_go_back


def test_the_camera_goes_back(opened) -> None:
    slicer.app.layoutManager().threeDWidget(0).threeDView().draw()
    camera().SetPosition(1.0, 2.0, 300.0)
    camera().SetFocalPoint(1.0, 2.0, 3.0)
    camera().SetViewUp(0.0, 1.0, 0.0)
    view_node().SetRenderMode(slicer.vtkMRMLViewNode.Perspective)
    opened.shown.c_arm.show(30.0, 0.0)
    opened.shown.c_arm.show(-30.0, 0.0)
    opened.shown.c_arm.back()
    assert tuple(camera().GetPosition()) == (1.0, 2.0, 300.0)
    assert tuple(camera().GetFocalPoint()) == (1.0, 2.0, 3.0)
    assert view_node().GetRenderMode() == slicer.vtkMRMLViewNode.Perspective


def test_without_hinge_points_there_is_no_c_arm_view(opened) -> None:
    opened.desk.remove("NCC")
    with pytest.raises(NothingToShow, match="RCC, LCC and NCC"):
        opened.shown.c_arm.show(0.0, 0.0)
    opened.rest()
    with pytest.raises(NothingToShow, match="three-cusp"):
        opened.shown.c_arm.show_named("three-cusp")


def test_places_are_remembered_by_value(opened) -> None:
    place = SlicePlace.of(slice_node("Red"))
    before = place.slice_to_ras.copy()
    slice_node("Red").JumpSliceByCentering(1.0, 2.0, 3.0)
    np.testing.assert_array_equal(place.slice_to_ras, before)
    assert len(LANDMARK_NAMES) == opened.node.GetNumberOfControlPoints()
