"""``fedkd session`` as a panel drives it: a process that answers line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import SimpleITK as sitk

from builders.measured_case import measured_case
from builders.soft_root import ROOT
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.segmentation_file import stored_labels
from fedkd.errors import ExitCode
from fedkd.measurement.catalog import KEYS
from fedkd.pointsets import read_points

SCHEMA = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas" / "session.schema.json"


class Panel:
    """The other end of a session."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "fedkd", "session"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        jsonschema.Draft202012Validator(answer_schema()).validate(answer)
        return answer

    def ask(self, do: str, **what: object) -> dict[str, Any]:
        return self.say(json.dumps({"id": 7, "do": do, **what}))

    def end(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status


def answer_schema() -> dict[str, Any]:
    schema = json.loads(SCHEMA.read_text())
    return {"$schema": schema["$schema"], "$defs": schema["$defs"], **schema["properties"]["answer"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return measured_case(tmp_path_factory.mktemp("made"))


@pytest.fixture
def case(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "out" / "scan"))


@pytest.fixture
def panel() -> Iterator[Panel]:
    panel = Panel()
    yield panel
    assert panel.end() == 0


def positions(case: Path) -> dict[str, list[float]]:
    return {k: list(v) for k, v in read_points(case / "landmarks.mrk.json").defined_positions_lps_mm().items()}


def by_key(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["key"]: line for line in answer["quantities"]}


def test_an_opened_case_has_all_that_a_panel_shows(panel: Panel, case: Path, made: tuple[Path, Path]) -> None:
    opened = panel.ask("open", case=str(case), ct=str(made[1]))
    assert opened["id"] == 7
    assert (opened["case"], opened["model_id"]) == ("scan", None)
    assert [line["label"] for line in opened["landmarks"]] == list(LANDMARK_NAMES)
    assert {line["placed_by"] for line in opened["landmarks"]} == {"file"}
    assert tuple(by_key(opened)) == KEYS
    area = by_key(opened)["annulus_area_mm2"]
    assert area["text"].endswith(" mm²")
    assert area["published"] == "255 \N{EN DASH} 732 mm²"
    assert opened["shapes"]["annulus_plane"] is not None
    assert sitk.ReadImage(opened["ct_file"]).GetSize() == sitk.ReadImage(str(made[1])).GetSize()
    assert opened["not_for_clinical_use"]


def test_a_drag_is_followed_without_touching_the_case(panel: Panel, case: Path, made: tuple[Path, Path]) -> None:
    before = {path.name: path.read_bytes() for path in case.iterdir() if path.is_file()}
    opened = panel.ask("open", case=str(case), ct=str(made[1]))
    points = positions(case)
    points["LCO"][2] += 2.0
    followed = panel.ask("follow", points_lps_mm=points)
    old, new = by_key(opened)["lco_height_mm"]["value"], by_key(followed)["lco_height_mm"]["value"]
    assert new == pytest.approx(old + 2.0 * float(ROOT.plane.normal_lps[2]), abs=0.01)
    assert "sinus_mean_diameter_mm" not in by_key(followed), "that takes longer: it is out of date"
    assert {path.name: path.read_bytes() for path in case.iterdir() if path.is_file()} == before


def test_missing_points_give_reasons_not_numbers(panel: Panel, case: Path, made: tuple[Path, Path]) -> None:
    panel.ask("open", case=str(case), ct=str(made[1]))
    points = positions(case)
    del points["NCC"]
    area = by_key(panel.ask("follow", points_lps_mm=points))["annulus_area_mm2"]
    assert (area["value"], area["text"]) == (None, "")
    assert "NCC" in area["reason"]


def test_everything_is_measured_with_the_threshold_that_was_asked_for(
    panel: Panel, case: Path, made: tuple[Path, Path]
) -> None:
    panel.ask("open", case=str(case), ct=str(made[1]))
    measured = panel.ask("measure", points_lps_mm=positions(case), calcium_threshold="700")
    assert tuple(by_key(measured)) == KEYS
    assert by_key(measured)["calcium_threshold_hu"]["value"] == 700.0
    assert len(stored_labels(Path(measured["calcification_file"]))) == 4
    wrong = panel.ask("measure", points_lps_mm=positions(case), calcium_threshold="bright")
    assert wrong["error"]["name"] == "USAGE"


def test_a_saved_review_is_there_for_the_next_panel(case: Path, made: tuple[Path, Path]) -> None:
    panel = Panel()
    review = panel.ask("open", case=str(case), ct=str(made[1]))["review"]
    review["landmarks"][0] |= {"state": "corrected", "position_lps_mm": [1.0, 2.0, 600.0]}
    saved = panel.ask("save", review=review)["saved"]
    assert saved["saved_utc"] != review["saved_utc"]
    assert panel.end() == 0
    other = Panel()
    reopened = other.ask("open", case=str(case), ct=str(made[1]))
    assert other.end() == 0
    assert reopened["review"] == saved
    assert reopened["landmarks"][0]["position_lps_mm"] == pytest.approx([1.0, 2.0, 600.0])


def test_a_case_in_two_panels_is_locked_until_one_dies(panel: Panel, case: Path, made: tuple[Path, Path]) -> None:
    other = Panel()
    assert "opened" in other.ask("open", case=str(case), ct=str(made[1]))
    refused = panel.ask("open", case=str(case), ct=str(made[1]))
    assert refused["error"]["name"] == ExitCode.CASE_LOCKED.name
    other.process.kill()
    assert other.end() != 0
    assert "opened" in panel.ask("open", case=str(case), ct=str(made[1]))


@pytest.mark.parametrize(
    "line", ["", "{}", "nonsense", '{"id": 3, "do": "rm"}', "[" * 5000, '{"id": 3, "do": "follow"}']
)
def test_what_is_no_request_is_answered_and_the_session_goes_on(
    panel: Panel, line: str, case: Path, made: tuple[Path, Path]
) -> None:
    if line:
        assert panel.say(line)["error"]["name"] == "USAGE"
    assert panel.ask("follow", points_lps_mm={})["error"]["what"].endswith("no case is open.")
    assert "opened" in panel.ask("open", case=str(case), ct=str(made[1]))


def test_another_ct_and_another_cases_review_are_refused(
    panel: Panel, case: Path, made: tuple[Path, Path], tmp_path: Path
) -> None:
    other_ct = tmp_path / "other.nii.gz"
    image = sitk.ReadImage(str(made[1]))
    sitk.WriteImage(image + 1, str(other_ct))
    assert panel.ask("open", case=str(case), ct=str(other_ct))["error"]["name"] == "CT_DIFFERS"
    review = panel.ask("open", case=str(case), ct=str(made[1]))["review"]
    assert panel.ask("save", review=review | {"case": "somebody"})["error"]["name"] == "USAGE"
    assert not (case / "review.json").exists()
