"""Views take the mouse as Slicer's do, because they are Slicer's; scenes are saved and opened."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from PIL import Image

from harness.person import Person
from harness.pictures import take_window_picture
from harness.view_mouse import SliceMouse

START, OTHER, END = [30.0, 30.0, 25.0], [40.0, 20.0, 25.0], [36.0, 33.0, 25.0]
EVENTS = (
    "PointAddedEvent",
    "PointStartInteractionEvent",
    "PointModifiedEvent",
    "PointEndInteractionEvent",
    "PointPositionDefinedEvent",
)


@pytest.fixture
def markups(slicer_app):
    voxels_zyx = np.zeros((50, 60, 70), np.int16)
    voxels_zyx[20:30, 20:40, 20:50] = 300
    volume = slicer.util.addVolumeFromArray(voxels_zyx)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    node = slicer_app.scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Landmarks")
    node.CreateDefaultDisplayNodes()
    node.AddControlPoint(START)
    node.AddControlPoint(OTHER)
    return node


@pytest.fixture
def events(markups):
    seen = []
    for name in EVENTS:
        markups.AddObserver(getattr(slicer.vtkMRMLMarkupsNode, name), lambda *_, name=name: seen.append(name))
    return seen


@pytest.fixture
def mouse(markups):
    mouse = SliceMouse("Red")
    mouse.jump_to(START)
    return mouse


def test_drag_moves_one_point_and_tells_in_slicers_order(markups, events, mouse) -> None:
    released = mouse.drag_point(markups, 0, END)
    assert events[0] == "PointStartInteractionEvent"
    assert events[-1] == "PointEndInteractionEvent"
    assert set(events[1:-1]) == {"PointModifiedEvent"}
    moved = slicer.util.arrayFromMarkupsControlPoints(markups)
    np.testing.assert_allclose(moved[0], END, atol=0.2)
    np.testing.assert_allclose(moved[0], released, atol=0.2)
    np.testing.assert_array_equal(moved[1], OTHER)


def test_locked_point_stays(markups, events, mouse) -> None:
    markups.SetNthControlPointLocked(0, True)
    mouse.drag_point(markups, 0, END)
    np.testing.assert_array_equal(markups.GetNthControlPointPosition(0), START)
    # Slicer tells of the interaction all the same, without a change between its start and its end.
    assert events[-2:] == ["PointStartInteractionEvent", "PointEndInteractionEvent"]


def test_click_in_place_mode_places_a_point(slicer_app, markups, events, mouse) -> None:
    selection = slicer.app.applicationLogic().GetSelectionNode()
    selection.SetReferenceActivePlaceNodeClassName("vtkMRMLMarkupsFiducialNode")
    selection.SetActivePlaceNodeID(markups.GetID())
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetCurrentInteractionMode(interaction.Place)
    hit = mouse.click(END)
    assert events[-1] == "PointPositionDefinedEvent"
    np.testing.assert_allclose(markups.GetNthControlPointPosition(2), hit, atol=1e-6)
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def test_wheel_moves_the_slice(mouse) -> None:
    assert [mouse.wheel(2), mouse.wheel(-3)] == [27.0, 24.0]


def test_mouse_goes_nowhere_that_the_view_does_not_show(mouse) -> None:
    with pytest.raises(AssertionError, match="does not show"):
        mouse.click([30.0, 30.0, 99.0])


def test_scene_is_saved_closed_and_opened(slicer_app, markups, tmp_path) -> None:
    person = Person(slicer_app)
    person.save_scene(tmp_path / "case.mrb")
    person.close_scene()
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode") == []
    person.open_scene(tmp_path / "case.mrb")
    (opened,) = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
    np.testing.assert_allclose(slicer.util.arrayFromMarkupsControlPoints(opened), [START, OTHER])


def test_picture_shows_panel_and_views(slicer_app, markups, mouse, tmp_path) -> None:
    person = Person(slicer_app)
    person.install_module()
    person.open_module("FedKDSlicer")
    take_window_picture(tmp_path / "window.png")
    with Image.open(tmp_path / "window.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape == (1000, 1600, 3)
    assert pixels[100:900, :460].std() > 5
    assert pixels[100:450, 500:1000].std() > 20
