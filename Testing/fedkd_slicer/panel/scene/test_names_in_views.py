"""Names in the views: each can be read, follows its point, and Slicer's own are there again when a scene is saved."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import slicer
import vtk

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.scene import slicers_names

ALL_VIEWS = ("Red", "Green", "Yellow", "3D")


def view(name: str):
    manager = slicer.app.layoutManager()
    return manager.threeDWidget(0).threeDView() if name == "3D" else manager.sliceWidget(name).sliceView()


def written(name: str) -> dict[str, tuple[float, float, float, float]]:
    """Draw a view; return text -> left, right, bottom and top of all that is written there, pixels."""
    window = view(name).renderWindow()
    window.Render()
    renderer = window.GetRenderers().GetFirstRenderer()
    props = renderer.GetViewProps()
    actors = [props.GetItemAsObject(n) for n in range(props.GetNumberOfItems())]
    found = {}
    for actor in actors:
        if isinstance(actor, vtk.vtkTextActor) and actor.GetVisibility() and actor.GetInput():
            box = [0.0] * 4
            actor.GetBoundingBox(renderer, box)
            x, y = actor.GetPosition()
            found[actor.GetInput()] = (x + box[0], x + box[1], y + box[2], y + box[3])
    return found


def overlap(one, other) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


@pytest.mark.parametrize("name", ALL_VIEWS)
def test_no_name_covers_another(opened, name) -> None:
    boxes = written(name)
    assert set(LANDMARK_NAMES) <= boxes.keys()
    hidden = [pair for pair in itertools.combinations(boxes, 2) if overlap(boxes[pair[0]], boxes[pair[1]])]
    assert not hidden


def test_measured_lines_are_written_as_in_the_table(opened) -> None:
    table = {line.name: line.text for line in opened.measurements[-1].lines}
    assert f"Left coronary height {table['Left coronary height']}" in written("3D")
    in_annulus = written("Red").keys() - set(LANDMARK_NAMES)
    assert in_annulus == {table["Annulus minimum diameter"], table["Annulus maximum diameter"]}


def test_slicer_writes_no_name_a_second_time(opened) -> None:
    for node in opened.nodes("vtkMRMLMarkupsNode"):
        display = node.GetDisplayNode()
        assert not display.GetPointLabelsVisibility(), node.GetName()
        assert not display.GetPropertiesLabelVisibility(), node.GetName()


def test_a_name_goes_with_its_point(opened) -> None:
    before = written("Red")["LCO"]
    x, y, z = opened.desk.state.positions_lps_mm["LCO"]
    opened.desk.place("LCO", (x + 10.0, y + 10.0, z))
    after = written("Red")["LCO"]
    assert np.hypot(after[0] - before[0], after[2] - before[2]) > 10
    opened.desk.remove("LCO")
    assert "LCO" not in written("Red")


def test_names_of_hidden_points_are_hidden(opened) -> None:
    opened.node.GetDisplayNode().SetVisibility(False)
    assert not set(LANDMARK_NAMES) & written("Green").keys()


def test_nothing_is_written_when_the_case_is_closed(opened) -> None:
    written("Red")
    opened.desk.close()
    for name in ALL_VIEWS:
        assert not written(name)


def test_a_scene_that_was_saved_meanwhile_has_its_names_when_it_is_opened(opened, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "scene" / "saved.mrb"
    file.parent.mkdir()
    opened.person.save_scene(file)
    opened.desk.close()
    monkeypatch.setattr(slicers_names, "_SESSION", "another")  # as in Slicer the next day
    looks_after = slicers_names.ImportedNames()
    opened.person.close_scene()
    opened.person.open_scene(file)
    looks_after.close()
    assert opened.node.GetDisplayNode().GetPointLabelsVisibility()
    (height,) = [one for one in opened.nodes("vtkMRMLMarkupsLineNode") if one.GetName() == "Left coronary height"]
    assert height.GetDisplayNode().GetPropertiesLabelVisibility()
