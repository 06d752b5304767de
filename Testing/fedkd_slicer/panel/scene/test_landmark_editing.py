"""Landmarks are dragged, placed, taken away and locked with the mouse, as a reader would, and never by accident."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from harness.view_mouse import SliceMouse

Markups = slicer.vtkMRMLMarkupsNode


def positions_ras_mm(reading) -> np.ndarray:
    return np.array([reading.at(label) for label in LANDMARK_NAMES])


def status(reading, label: str) -> int:
    return reading.node.GetNthControlPointPositionStatus(LANDMARK_NAMES.index(label))


def index(label: str) -> int:
    return LANDMARK_NAMES.index(label)


def place_with_mouse(reading, label: str, ras_mm) -> np.ndarray:
    mouse = SliceMouse("Red")
    mouse.jump_to(ras_mm)
    reading.shown.landmarks.start_placing(label)
    return mouse.click(ras_mm)


def test_a_drag_moves_one_point_and_the_review_has_it_to_the_last_digit(opened) -> None:
    before = positions_ras_mm(opened)
    mouse = opened.mouse_on("RCC")
    released = mouse.drag_point(opened.node, index("RCC"), opened.at("RCC") + mouse_right(mouse, 4.0))
    after = positions_ras_mm(opened)
    np.testing.assert_allclose(after[0], released, atol=0.5)
    assert np.linalg.norm(after[0] - before[0]) == pytest.approx(4.0, abs=0.5)
    np.testing.assert_array_equal(after[1:], before[1:])
    np.testing.assert_array_equal(opened.reviewed_at("RCC"), after[0])
    assert opened.desk.state.landmark("RCC").state == "corrected"
    assert [event.action for event in opened.desk._history.events] == ["Moved RCC"], "a drag is one step"
    assert opened.listening.picked == ["RCC"]
    assert not opened.listening.texts


def mouse_right(mouse: SliceMouse, mm: float) -> np.ndarray:
    """Return a step to the right in the mouse's slice view, RAS mm."""
    slice_to_ras = slicer.util.arrayFromVTKMatrix(mouse._widget.mrmlSliceNode().GetSliceToRAS())
    return slice_to_ras[:3, 0] * mm


def test_an_accepted_point_stays_where_it_is_and_says_why(opened) -> None:
    opened.desk.toggle_accepted("RCC")
    before = positions_ras_mm(opened)
    mouse = opened.mouse_on("RCC")
    mouse.drag_point(opened.node, index("RCC"), opened.at("RCC") + mouse_right(mouse, 5.0))
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert opened.listening.texts == ["RCC was accepted and is locked. Press Space to unlock it."]
    opened.desk.toggle_accepted("RCC")
    mouse.drag_point(opened.node, index("RCC"), opened.at("RCC") + mouse_right(mouse, 5.0))
    assert not np.array_equal(opened.at("RCC"), before[0])


def test_the_handle_that_drags_a_whole_list_moves_nothing(opened) -> None:
    before = positions_ras_mm(opened)
    display = opened.node.GetDisplayNode()
    display.SetHandlesInteractive(True)
    display.SetTranslationHandleVisibility(True)
    mouse = opened.mouse_on("RCC")
    mouse._view.draw()
    drag_a_handle(mouse, display)
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert opened.listening.texts == [
        "Landmarks are moved one at a time: drag a single point. All are back where they were."
    ]
    assert opened.desk.state.landmark("RCC").state == "predicted"
    opened.rest()


def drag_a_handle(mouse: SliceMouse, display) -> None:
    handle = slicer.vtkMRMLMarkupsDisplayNode.ComponentTranslationHandle
    width, height, _ = mouse._widget.mrmlSliceNode().GetDimensions()
    for y in range(0, height, 4):
        for x in range(0, width, 4):
            mouse._at(x, y)
            if display.GetActiveComponentType() == handle and display.GetActiveComponentIndex() == 3:
                mouse.press()
                for step in range(1, 5):
                    mouse._at(x + 5 * step, y + 3 * step)
                mouse.release()
                return
    raise AssertionError("the view shows no handle")


def test_a_script_that_moves_all_points_moves_none(opened) -> None:
    before = positions_ras_mm(opened)
    slicer.util.updateMarkupsControlPointsFromArray(opened.node, before + 10.0)
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert len(opened.listening.texts) >= 1


def test_coordinates_typed_into_slicers_table_move_that_point(opened) -> None:
    opened.node.SetNthControlPointPosition(index("LCO"), 1.0, 2.0, 3.0)
    np.testing.assert_array_equal(opened.reviewed_at("LCO"), [1.0, 2.0, 3.0])


def test_a_missing_landmark_is_placed_by_one_click(opened) -> None:
    wanted = opened.at("LCO")
    opened.desk.remove("LCO")
    opened.desk.remove("RCC")
    assert status(opened, "LCO") == Markups.PositionUndefined
    hit = place_with_mouse(opened, "LCO", wanted)
    np.testing.assert_allclose(opened.reviewed_at("LCO"), hit, atol=1e-6)
    np.testing.assert_array_equal(opened.reviewed_at("LCO"), opened.at("LCO"))
    assert status(opened, "RCC") == Markups.PositionUndefined, "the first missing one is not taken instead"
    assert opened.shown.landmarks.placing is None
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def test_a_landmark_that_is_there_is_placed_anew(opened) -> None:
    target = opened.at("NCC") + [1.0, 2.0, 0.0]
    before = positions_ras_mm(opened)
    hit = place_with_mouse(opened, "NCC", target)
    np.testing.assert_allclose(opened.reviewed_at("NCC"), hit, atol=1e-6)
    others = [n for n, label in enumerate(LANDMARK_NAMES) if label != "NCC"]
    np.testing.assert_array_equal(positions_ras_mm(opened)[others], before[others])
    opened.desk.undo()
    np.testing.assert_array_equal(positions_ras_mm(opened), before)


@pytest.mark.parametrize("hovers", [True, False])
def test_leaving_place_mode_leaves_the_landmark_where_it_was(opened, hovers) -> None:
    before = positions_ras_mm(opened)
    opened.shown.landmarks.start_placing("LCC")
    if hovers:
        mouse = opened.mouse_on("LCC")
        mouse.move_to(before[1])
        mouse.move_to(before[1] + mouse_right(mouse, 5.0))
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)  # Escape, or another tool
    assert opened.shown.landmarks.placing is None
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert status(opened, "LCC") == Markups.PositionDefined
    assert opened.desk.state.landmark("LCC").state == "predicted"


def test_choosing_another_landmark_while_placing_places_that_one(opened) -> None:
    before = positions_ras_mm(opened)
    target = opened.at("MS2") + [0.5, 0.5, 0.0]
    opened.shown.landmarks.start_placing("MS1")
    hit = place_with_mouse(opened, "MS2", target)
    np.testing.assert_allclose(opened.reviewed_at("MS2"), hit, atol=1e-6)
    np.testing.assert_array_equal(positions_ras_mm(opened)[:6], before[:6])


def test_an_accepted_landmark_is_not_placed_anew(opened) -> None:
    opened.desk.toggle_accepted("RCC")
    opened.shown.landmarks.start_placing("RCC")
    assert opened.shown.landmarks.placing is None
    assert opened.listening.texts == ["RCC was accepted and is locked. Press Space to unlock it."]


def test_what_was_being_placed_before_is_chosen_again(opened) -> None:
    other = opened.scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Mine")
    selection = slicer.app.applicationLogic().GetSelectionNode()
    selection.SetReferenceActivePlaceNodeClassName("vtkMRMLMarkupsFiducialNode")
    selection.SetActivePlaceNodeID(other.GetID())
    place_with_mouse(opened, "RCO", opened.at("RCO"))
    assert selection.GetActivePlaceNodeID() == other.GetID()
    assert other.GetNumberOfControlPoints() == 0


def test_a_position_that_is_taken_away_in_slicer_is_taken_away_in_the_review(opened) -> None:
    opened.node.UnsetNthControlPointPosition(index("MS1"))
    assert opened.desk.state.landmark("MS1").state == "missing"
    opened.node.SetNthControlPointPositionMissing(index("MS2"))
    assert opened.desk.state.landmark("MS2").state == "missing"
    opened.desk.undo()
    opened.desk.undo()
    assert status(opened, "MS1") == status(opened, "MS2") == Markups.PositionDefined


def test_an_accepted_landmark_is_not_taken_away(opened) -> None:
    opened.desk.toggle_accepted("MS1")
    before = positions_ras_mm(opened)
    opened.node.UnsetNthControlPointPosition(index("MS1"))
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert status(opened, "MS1") == Markups.PositionDefined
    assert opened.listening.texts == ["MS1 was accepted and is locked. Press Space to unlock it."]


@pytest.mark.parametrize("label", ["RCC", "RCO", "MS2"])
def test_a_point_deleted_from_the_list_is_a_landmark_that_cannot_be_seen(opened, label) -> None:
    before = positions_ras_mm(opened)
    opened.node.SetFixedNumberOfControlPoints(False)
    opened.node.RemoveNthControlPoint(index(label))
    assert opened.desk.state.landmark(label).state == "missing"
    assert [opened.node.GetNthControlPointLabel(n) for n in range(7)] == list(LANDMARK_NAMES)
    assert opened.node.GetFixedNumberOfControlPoints()
    others = [n for n, name in enumerate(LANDMARK_NAMES) if name != label]
    np.testing.assert_array_equal(positions_ras_mm(opened)[others], before[others])
    opened.desk.undo()
    np.testing.assert_array_equal(positions_ras_mm(opened), before)


@pytest.mark.parametrize("spoil", ["delete all", "add one", "rename one", "swap two names"])
def test_whatever_else_happens_to_the_list_it_is_put_back(opened, spoil) -> None:
    before = positions_ras_mm(opened)
    opened.node.SetFixedNumberOfControlPoints(False)
    if spoil == "delete all":
        opened.node.RemoveAllControlPoints()
    elif spoil == "add one":
        opened.node.AddControlPoint([1.0, 2.0, 3.0], "mine")
    elif spoil == "rename one":
        opened.node.SetNthControlPointLabel(0, "LCC")
    else:
        opened.node.SetNthControlPointLabel(0, "NCC")
        opened.node.SetNthControlPointLabel(2, "RCC")
    opened.person.wait()
    assert [opened.node.GetNthControlPointLabel(n) for n in range(7)] == list(LANDMARK_NAMES)
    np.testing.assert_array_equal(positions_ras_mm(opened), before)
    assert set(opened.listening.texts) == {"The list holds the seven landmarks and nothing else. It is back as it was."}
    assert not opened.desk._history.events


def test_a_transform_is_refused(opened) -> None:
    transform = opened.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    opened.node.SetAndObserveTransformNodeID(transform.GetID())
    opened.person.wait_until(lambda: opened.listening.texts)
    assert opened.node.GetParentTransformNode() is None
    assert len(opened.listening.texts) == 1


def test_undo_and_keys_move_the_points_in_the_scene(opened) -> None:
    first = opened.at("RCC")
    opened.desk.place("RCC", (1.25, 2.5, 3.75))
    np.testing.assert_array_equal(opened.at("RCC"), [-1.25, -2.5, 3.75])
    opened.desk.undo()
    np.testing.assert_array_equal(opened.at("RCC"), first)
    opened.desk.toggle_accepted("RCC")
    assert opened.node.GetNthControlPointLocked(0)
    assert not opened.node.GetNthControlPointSelected(0), "accepted ones have the other color"


def test_positions_survive_the_scene_to_the_last_digit(opened) -> None:
    exact = (0.1 + 0.2, 1 / 3, -1234.56789012345)
    opened.desk.place("LCC", exact)
    assert tuple(opened.at("LCC") * LPS_TO_RAS) == exact
    opened.shown.landmarks._changed(None, None)
    assert opened.desk.state.positions_lps_mm["LCC"] == exact
