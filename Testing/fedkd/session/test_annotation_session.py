"""Readings through ``fedkd session``, as the annotation tab asks for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk

from builders.soft_root import ROOT, soft_ct
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.pointsets import PointList, read_points, write_points


class Panel:
    """The other end of a session."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "fedkd", "session"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do: str, **what: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"id": 1, "do": do, **what}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two CTs, and points of somebody else's."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "cts").mkdir()
    for name, noise in (("a", 5.0), ("b", 10.0)):
        sitk.WriteImage(soft_ct(noise_hu=noise).image, str(folder / "cts" / f"{name}.nii.gz"))
    write_points(folder / "others.mrk.json", PointList.from_positions(ROOT.landmarks_lps_mm()))
    return folder


@pytest.fixture
def panel() -> Iterator[Panel]:
    panel = Panel()
    yield panel
    assert panel.process.stdin is not None
    assert panel.process.stdout is not None
    panel.process.stdin.close()
    panel.process.wait(timeout=30)
    panel.process.stdout.close()


def begin(panel: Panel, study: Path, readings: Path, **changes: object) -> dict[str, Any]:
    which = {
        "ct": str(study / "cts" / "a.nii.gz"),
        "readings": str(readings),
        "observer": "obs1",
        "site": "siteA",
        "case": "a",
        "number": 1,
        "blind": True,
        "protocol_version": "1",
    }
    return panel.ask("open_reading", **(which | changes))


def all_placed(reading: dict[str, Any]) -> dict[str, Any]:
    points = ROOT.landmarks_lps_mm()
    for one in reading["landmarks"]:
        one |= {"state": "placed", "position_lps_mm": list(points[one["label"]]), "seconds": 3.0}
    return reading


def test_a_blind_reading_from_worklist_to_point_sets(panel: Panel, study: Path, tmp_path: Path) -> None:
    listed = panel.ask("worklist", cts=str(study / "cts"), readings=str(tmp_path), observer="obs1", blind=True)
    assert {line["case"] for line in listed["worklist"]} == {"a", "b"}
    opened = begin(panel, study, tmp_path)
    assert opened["reading"]["status"] == "draft"
    assert [one["label"] for one in opened["reading"]["landmarks"]] == list(LANDMARK_NAMES)
    refused = panel.ask("import_points", path=str(study / "others.mrk.json"))
    assert "blind" in refused["error"]["what"]
    draft = panel.ask("save_reading", reading=all_placed(opened["reading"]))["saved_reading"]
    finished = panel.ask("finish_reading", reading=draft)
    assert finished["saved_reading"]["status"] == "finished"
    found = read_points(Path(finished["folder"]) / "hps.mps").defined_positions_lps_mm()
    assert found["NCC"] == pytest.approx(ROOT.landmarks_lps_mm()["NCC"], abs=1e-6)
    assert begin(panel, study, tmp_path)["error"]["name"] == "CASE_EXISTS"
    listed = panel.ask("worklist", cts=str(study / "cts"), readings=str(tmp_path), observer="obs1", blind=True)
    assert {line["case"]: line["number"] for line in listed["worklist"]} == {"a": 2, "b": 1}


def test_a_draft_goes_on_after_the_panel_was_killed(study: Path, tmp_path: Path, panel: Panel) -> None:
    killed = Panel()
    reading = all_placed(begin(killed, study, tmp_path)["reading"])
    saved = killed.ask("save_reading", reading=reading)["saved_reading"]
    assert begin(panel, study, tmp_path)["error"]["name"] == "CASE_LOCKED"
    killed.process.kill()
    killed.process.communicate()
    assert begin(panel, study, tmp_path)["reading"] == saved
    assert begin(panel, study, tmp_path, blind=False)["error"]["name"] == "USAGE"
    other_ct = str(study / "cts" / "b.nii.gz")
    assert begin(panel, study, tmp_path, ct=other_ct)["error"]["name"] == "CT_DIFFERS"


def test_points_are_imported_in_the_order_that_is_said_where_it_is_not_blind(
    panel: Panel, study: Path, tmp_path: Path
) -> None:
    begin(panel, study, tmp_path, blind=False)
    imported = panel.ask("import_points", path=str(study / "others.mrk.json"))["imported"]
    assert tuple(imported) == LANDMARK_NAMES
    hps = tmp_path / "hps.mps"
    write_points(hps, PointList.from_positions({k: v for k, v in ROOT.landmarks_lps_mm().items() if k[0] != "M"}))
    order = ["LCC", "RCC", "NCC", "LCO", "RCO"]
    mapped = panel.ask("import_points", path=str(hps), order=order)
    assert mapped["imported"]["LCC"] == pytest.approx(imported["RCC"])
    assert mapped["order"] == order


def test_another_observers_reading_cannot_be_saved_under_this_one(panel: Panel, study: Path, tmp_path: Path) -> None:
    reading = begin(panel, study, tmp_path)["reading"]
    for change in ({"observer": "obs2"}, {"blind": False}, {"number": 2}):
        assert panel.ask("save_reading", reading=reading | change)["error"]["name"] == "USAGE"
    assert begin(panel, study, tmp_path, observer="../obs2")["error"]["name"] == "USAGE"
