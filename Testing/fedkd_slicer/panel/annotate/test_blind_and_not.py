"""What a blind reading keeps out of view, and what one that is not blind may load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer

from builders.annotate_person import Observer
from builders.measured_case import measured_case
from builders.soft_root import ROOT
from fedkd.geometry import LPS_TO_RAS
from fedkd.pointsets import PointList, write_points
from harness.fixtures import SlicerApp

POINTS = ROOT.landmarks_lps_mm()
SWAPPED = ("LCC", "RCC", "NCC", "LCO", "RCO")


def others(name: str = "Prediction") -> object:
    """Put points of somebody else's into the scene."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    node.CreateDefaultDisplayNodes()
    node.AddControlPoint(1.0, 2.0, 3.0, "RCC")
    return node


def test_what_others_placed_is_hidden_while_reading_blind(observer: Observer) -> None:
    before = others()
    observer.list_cases()
    observer.open_next()
    assert not before.GetDisplayNode().GetVisibility()
    assert "Hidden until the end of this blind reading: Prediction" in observer.person.sees()
    later = others("Loaded later")
    observer.person.wait()
    assert not later.GetDisplayNode().GetVisibility()
    assert "Hidden until the end of this blind reading: Loaded later" in observer.person.sees()
    assert "importFileButton" not in [each.name for each in observer.person.panel.findChildren(object) if visible(each)]
    observer.person.press("closeReadingButton")
    assert before.GetDisplayNode().GetVisibility()
    assert later.GetDisplayNode().GetVisibility()


def test_a_case_under_review_and_a_blind_reading_are_never_open_together(observer: Observer, tmp_path: Path) -> None:
    case, ct = measured_case(tmp_path)
    review = slicer.modules.FedKDSlicerWidget._panel._desk
    slicer.modules.FedKDSlicerWidget._panel._pulse.wake()
    review.open(case, ct)
    observer.person.wait_until(lambda: review.case is not None, 60)
    observer.list_cases()
    observer.open_next()
    assert review.case is None
    assert "was closed: a blind reading shows no prediction" in observer.person.sees()
    review.open(case, ct)
    assert not review.is_at_work
    observer.person.show_tab("Predict & Review")
    assert "A blind reading is open" in observer.person.sees()


def test_points_of_a_site_with_its_own_order_are_imported_and_the_order_is_remembered(
    observer: Observer, slicer_app: SlicerApp, tmp_path: Path
) -> None:
    file = tmp_path / "hps.mps"
    write_points(
        file, PointList.from_positions({label: POINTS[label] for label in ("RCC", "LCC", "NCC", "RCO", "LCO")})
    )
    observer.fill_in()
    observer.person.press("blindMode")
    assert "points can be imported" in observer.person.sees()
    observer.person.press("Show my cases")
    observer.person.wait_until(lambda: "cases read" in observer.person.sees(), 60)
    case = observer.open_next()
    observer.person.press("Load points from a file")
    observer.person.choose("hpsOrder", "LCC, RCC, NCC, LCO, RCO")
    slicer_app.dialogs.answer("Choose a file with points", str(file))
    observer.person.press("From a file...")
    observer.person.wait_until(lambda: "From hps.mps:" in observer.person.sees(), 30)
    node = observer.landmarks_node
    np.testing.assert_allclose(node.GetNthControlPointPosition(0), np.array(POINTS["LCC"]) * LPS_TO_RAS, atol=1e-4)
    observer.wait_saved()
    draft = observer.draft(case)
    assert draft["imported"] == [{"file": "hps.mps", "order": list(SWAPPED)}]
    assert [one["imported"] for one in draft["landmarks"]] == [True] * 5 + [False] * 2
    observer.person.press_keys("Ctrl+Z")
    observer.person.wait_until(lambda: observer.draft(case)["imported"] == [], 30)
    observer.person.press("closeReadingButton")
    observer.person.wait_until(lambda: "Go on with the draft" in observer.person.sees(), 60)
    observer.open_next()
    assert observer.person.find("hpsOrder").currentText == "LCC, RCC, NCC, LCO, RCO"


def test_a_file_without_points_is_told(observer: Observer, slicer_app: SlicerApp, tmp_path: Path) -> None:
    file = tmp_path / "points.mrk.json"
    file.write_text("{}")
    observer.fill_in()
    observer.person.press("blindMode")
    observer.person.press("Show my cases")
    observer.person.wait_until(lambda: "cases read" in observer.person.sees(), 60)
    observer.open_next()
    observer.click("RCC")
    observer.person.press("Load points from a file")
    slicer_app.dialogs.answer("Choose a file with points", str(file))
    observer.person.press("From a file...")
    observer.person.wait_until(lambda: "That did not work" in observer.person.sees(), 30)
    assert observer.landmarks_node.GetNthControlPointPositionStatus(0) == slicer.vtkMRMLMarkupsNode.PositionDefined


def visible(each: object) -> bool:
    return bool(getattr(each, "visible", False))


def test_two_observers_have_orders_of_their_own_and_do_not_see_each_others_progress(observer: Observer) -> None:
    observer.list_cases("obs07")
    observer.open_next()
    observer.place_all()
    observer.person.press("Finish this reading")
    observer.person.wait_until(lambda: "1 of 2 cases read" in observer.person.sees(), 60)
    observer.person.type_text("observerCode", "obs08")
    observer.person.press("Show my cases")
    observer.person.wait_until(lambda: "0 of 2 cases read" in observer.person.sees(), 60)
