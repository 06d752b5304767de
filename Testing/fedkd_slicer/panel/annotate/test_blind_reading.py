"""An observer reads blind: seven points by mouse and keys, finished, and read back."""

from __future__ import annotations

import json

import numpy as np
import pytest
import slicer

from builders.annotate_person import TRUTH_RAS_MM, Observer
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from fedkd.pointsets import read_points
from harness.view_mouse import SliceMouse


def test_seven_points_are_placed_blind_and_exported(observer: Observer) -> None:
    observer.list_cases()
    assert "0 of 2 cases read" in observer.person.sees()
    case = observer.open_next()
    hits = observer.place_all()
    observer.person.press("Finish this reading")
    observer.person.wait_until(lambda: "1 of 2 cases read" in observer.person.sees(), 60)
    folder = observer.readings / "obs07" / case
    assert f"Finished: case {case}" in observer.person.sees()
    found = {
        **read_points(folder / "hps.mps").defined_positions_lps_mm(),
        **read_points(folder / "ms.mps").defined_positions_lps_mm(),
    }
    for label in LANDMARK_NAMES:
        assert found[label] == pytest.approx(hits[label] * LPS_TO_RAS, abs=1e-6), label
        assert np.linalg.norm(hits[label] - TRUTH_RAS_MM[label]) < 1.5
    reading = json.loads((folder / "reading.json").read_text())
    assert (reading["blind"], reading["observer"], reading["site"]) == (True, "obs07", "site3")
    assert sum(one["seconds"] for one in reading["landmarks"]) > 0
    assert not (folder / "draft.json").exists()
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode") == []
    assert slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") == []


def test_a_landmark_that_cannot_be_determined_needs_a_reason_and_spoils_its_set_only(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.place_all()
    observer.person.press_keys("7")
    observer.person.press_keys("X")
    assert "Why can MS2 not be determined?" in observer.person.sees()
    assert not observer.person.find("Note this reason").enabled
    observer.person.choose("reasonChoice", "Motion blurs this region")
    observer.person.press("Note this reason")
    assert "Cannot be determined: Motion blurs this region." in observer.person.sees()
    observer.person.press("Finish this reading")
    observer.person.wait_until(lambda: "1 of 2 cases read" in observer.person.sees(), 60)
    folder = observer.readings / "obs07" / case
    assert (folder / "hps.mps").exists()
    assert not (folder / "ms.mps").exists()


def test_keys_undo_redo_and_choose(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.person.press_keys("2")
    assert "2 of 7: LCC" in observer.person.sees()
    observer.click("LCC")
    observer.person.press_keys("Ctrl+Z")
    observer.wait_saved()
    assert states(observer, case)["LCC"] == "open"
    observer.person.press_keys("Ctrl+Y")
    observer.wait_saved()
    assert states(observer, case)["LCC"] == "placed"
    observer.person.press_keys("Ctrl+Z")
    observer.person.press_keys("Ctrl+Z")
    assert "1 of 7: RCC" in observer.person.sees(), "undo leads to the landmark that it changed"
    assert not observer.person.find("undoButton").enabled


def test_only_the_current_landmark_is_dragged(observer: Observer) -> None:
    observer.list_cases()
    observer.open_next()
    observer.click("RCC")
    observer.person.press_keys("N")
    observer.click("LCC")
    mouse, node = SliceMouse("Red"), observer.landmarks_node
    mouse.jump_to(TRUTH_RAS_MM["LCC"])
    released = mouse.drag_point(node, 1, TRUTH_RAS_MM["LCC"] + [3.0, 2.0, 0.0])
    np.testing.assert_allclose(node.GetNthControlPointPosition(1), released, atol=0.3)
    before = node.GetNthControlPointPosition(0)
    mouse.jump_to(before)
    mouse.drag_point(node, 0, np.array(before) + [4.0, 0.0, 0.0])
    assert node.GetNthControlPointPosition(0) == before
    assert "To move RCC, choose it first: key 1" in observer.person.sees()


def test_place_again_moves_it_and_escape_leaves_it(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.person.press_keys("P")
    hit = SliceMouse("Red").click(TRUTH_RAS_MM["RCC"] + [5.0, 0.0, 0.0])
    observer.person.wait()
    np.testing.assert_allclose(observer.landmarks_node.GetNthControlPointPosition(0), hit, atol=1e-6)
    observer.wait_saved()
    assert observer.draft(case)["landmarks"][0]["position_lps_mm"] == pytest.approx(hit * LPS_TO_RAS)


def test_a_draft_goes_on_where_it_was(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.wait_saved()
    observer.person.press("closeReadingButton")
    observer.person.wait_until(lambda: f"Go on with the draft of case {case}" in observer.person.sees(), 60)
    assert observer.open_next() == case
    assert "2 of 7: LCC" in observer.person.sees()
    assert observer.landmarks_node.GetNthControlPointPositionStatus(0) == slicer.vtkMRMLMarkupsNode.PositionDefined


def states(observer: Observer, case: str) -> dict[str, str]:
    return {one["label"]: one["state"] for one in observer.draft(case)["landmarks"]}
