"""From a measured case to an exported, accepted one: real engine, real scene, a person's mouse and keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import slicer
from PySide6.QtCore import QSettings

from builders.measured_case import measured_case
from builders.quick_python import quick_python
from doubles.reviewer import Reviewer
from fedkd.geometry import LPS_TO_RAS
from fedkd.pointsets import read_points
from fedkd_slicer.panel.engine.session_client import Failed, SessionClient
from fedkd_slicer.panel.tabs.review_protocols import CaseScene, SceneListener
from harness.fixtures import SlicerApp
from harness.view_mouse import SliceMouse


class ReviewerWithEngine(Reviewer):
    def _start_engine(self, died: Failed) -> SessionClient:
        return SessionClient(self.settings.engine_python(), died)

    def _make_scene(self, listener: SceneListener) -> CaseScene:
        from fedkd_slicer.panel.scene.case_nodes import CaseInScene  # needs the application

        self.scene = CaseInScene(self.desk, listener, lambda _case: None)
        return self.scene


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return measured_case(tmp_path_factory.mktemp("made"))


@pytest.fixture
def reviewer(slicer_app: SlicerApp, tmp_path: Path, made: tuple[Path, Path]) -> Iterator[ReviewerWithEngine]:
    QSettings().setValue("FedKDSlicer/python", str(quick_python(tmp_path)))
    shutil.copytree(made[0], tmp_path / "results" / "scan")
    reviewer = ReviewerWithEngine(slicer_app, tmp_path / "results")
    reviewer.ct = made[1]
    reviewer.open()
    yield reviewer
    reviewer.leave()


def up_in(view: str) -> np.ndarray:
    """Return the direction that is up in a slice view, RAS."""
    to_ras = slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode().GetSliceToRAS()
    return np.array([to_ras.GetElement(row, 1) for row in range(3)])


def test_a_case_is_corrected_accepted_finished_and_exported(
    reviewer: ReviewerWithEngine, slicer_app: SlicerApp, tmp_path: Path
) -> None:
    before = reviewer.measured("Left coronary height")[0]
    reviewer.press_keys("5")
    landmarks = reviewer.scene.landmarks._node
    at = np.array(reviewer.desk.state.positions_lps_mm["LCO"]) * LPS_TO_RAS
    mouse, up = SliceMouse("Green"), up_in("Green")
    dropped = mouse.drag_point(landmarks, 4, at + 3 * up)
    reviewer.rest()
    assert reviewer.row("LCO")[:2] == ("Corrected", "Set by reader")
    assert reviewer.measured("Left coronary height")[1].startswith(f"changed, was {before}")
    assert reviewer.measured("Annulus area")[1] == ""
    reviewer.press_keys("Space")
    mouse.drag_point(landmarks, 4, dropped + 3 * up)
    assert "locked" in reviewer.find("saysLine").text
    reviewer.press("Accept all landmarks and the case")
    reviewer.rest()

    target = tmp_path / "export"
    target.mkdir()
    slicer_app.dialogs.answer("Export", str(target))
    reviewer.press("Export this case ...")
    reviewer.wait_until(lambda: "older than its review" in reviewer.sees())
    assert not any(target.iterdir())

    reviewer.press("Write report, scene and DICOM")
    reviewer.wait_until(lambda: "Finishing scan: " in reviewer.sees())
    assert "Accept all landmarks" not in reviewer.sees(), "nobody works on a case that is being replaced"
    reviewer.wait_until(lambda: "scan is finished" in reviewer.sees(), seconds=90)
    reviewer.wait_until(lambda: reviewer.desk.case is not None, seconds=60)
    assert reviewer.find("decisionLine").text.startswith("Accepted (by R7, ")
    assert reviewer.row("LCO")[0] == "Accepted"

    slicer_app.dialogs.answer("Export", str(target))
    reviewer.press("Export all cases ...")
    reviewer.wait_until(lambda: "1 of 1 cases are now in" in reviewer.sees())
    exported = target / "scan"
    moved = read_points(exported / "landmarks.mrk.json").position_lps_mm("LCO")
    assert np.allclose(np.array(moved) * LPS_TO_RAS, dropped, atol=0.01)
    measured = json.loads((exported / "measurements.json").read_text())
    assert measured["landmarks"]["LCO"]["position_lps_mm"] == pytest.approx(moved)
    assert {"hps.mps", "ms.mps", "report.html", "review.json"} <= {path.name for path in exported.iterdir()}


def test_a_cancelled_finish_leaves_the_case_as_it_was(reviewer: ReviewerWithEngine) -> None:
    before = (reviewer.case / "measurements.json").read_bytes()
    reviewer.press("Write report, scene and DICOM")
    reviewer.wait_until(lambda: reviewer.find("cancelFinishButton").enabled)
    reviewer.press("cancelFinishButton")
    reviewer.wait_until(lambda: "Cancelled. The files of scan are as they were." in reviewer.sees(), seconds=30)
    reviewer.wait_until(lambda: reviewer.desk.case is not None, seconds=60)
    assert (reviewer.case / "measurements.json").read_bytes() == before
    assert reviewer.find("Write report, scene and DICOM").enabled


def test_closing_the_scene_closes_the_case_with_one_line_and_nothing_is_lost(reviewer: ReviewerWithEngine) -> None:
    reviewer.press("Accept RCC")
    reviewer.rest()
    reviewer.close_scene()
    reviewer.wait_until(lambda: "The scene was closed." in reviewer.sees())
    assert reviewer.desk.case is None
    reviewer.open()
    assert reviewer.row("RCC")[0] == "Accepted"
