"""Readings: a draft is never taken for a reading, a reading is never changed, and blind is blind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import SimpleITK as sitk
from pydantic import ValidationError

from builders.expect import refusal
from fedkd.anatomy import LANDMARK_NAMES, STUDY_ORDERS
from fedkd.annotation import (
    ObservedLandmark,
    Reading,
    ReadingPlace,
    finish_reading,
    read_reading,
    reading_lock,
    save_reading,
    shuffled,
    worklist,
)
from fedkd.errors import ExitCode
from fedkd.pointsets import read_points

SCHEMA = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas" / "reading.schema.json"
POSITIONS = {name: (1.0 + i / 3, -20.123456789, 600.0 - i) for i, name in enumerate(LANDMARK_NAMES)}


def reading(**changes: object) -> Reading:
    now = datetime.now(UTC)
    landmarks = tuple(ObservedLandmark(label=label) for label in LANDMARK_NAMES)
    usual = {
        "observer": "obs1",
        "site": "siteA",
        "case": "scan",
        "number": 1,
        "blind": True,
        "protocol_version": "1",
        "software": "fedkd",
        "ct_sha256": "0" * 64,
        "landmarks": landmarks,
        "started_utc": now,
        "saved_utc": now,
    }
    return Reading.model_validate(usual | changes)


def placed(*without: str) -> tuple[ObservedLandmark, ...]:
    return tuple(
        ObservedLandmark(label=label, state="cannot be determined", reason="calcified")
        if label in without
        else ObservedLandmark(label=label, state="placed", position_lps_mm=POSITIONS[label], seconds=12.5)
        for label in LANDMARK_NAMES
    )


@pytest.fixture
def place(tmp_path: Path) -> ReadingPlace:
    return ReadingPlace(tmp_path / "readings", "obs1", "scan", 1)


def files(place: ReadingPlace) -> set[str]:
    return {path.name for path in place.folder.iterdir()}


def test_a_draft_is_kept_at_every_step_and_never_under_the_studys_names(place: ReadingPlace) -> None:
    save_reading(place, reading())
    saved = save_reading(place, reading(landmarks=placed()))
    assert files(place) == {"draft.json"}
    assert read_reading(place) == saved
    assert saved.status == "draft"


def test_a_finished_reading_has_the_points_as_they_were_placed(place: ReadingPlace) -> None:
    save_reading(place, reading())
    finished = finish_reading(place, reading(landmarks=placed()))
    assert files(place) == {"hps.mps", "ms.mps", "landmarks.mrk.json", "reading.json"}
    assert read_reading(place) == finished
    for name, order in STUDY_ORDERS.items():
        found = read_points(place.folder / name).defined_positions_lps_mm()
        assert tuple(found) == order
        for label in order:
            assert found[label] == pytest.approx(POSITIONS[label], abs=1e-6)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(
        json.loads((place.folder / "reading.json").read_text())
    )


def test_a_set_with_a_point_that_cannot_be_determined_has_no_name_of_the_study(place: ReadingPlace) -> None:
    finished = finish_reading(place, reading(landmarks=placed("LCO")))
    assert files(place) == {"ms.mps", "landmarks.mrk.json", "reading.json"}
    assert finished.complete_sets == ("ms.mps",)
    assert read_points(place.folder / "landmarks.mrk.json").position_lps_mm("LCO") is None


def test_an_unfinished_reading_cannot_be_finished(place: ReadingPlace) -> None:
    with refusal(ExitCode.POINTS_INVALID, "RCC"):
        finish_reading(place, reading())
    assert not place.folder.exists()


def test_a_finished_reading_stays_as_it_is(place: ReadingPlace) -> None:
    finish_reading(place, reading(landmarks=placed()))
    before = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    with refusal(ExitCode.CASE_EXISTS, "finished"):
        save_reading(place, reading())
    with refusal(ExitCode.CASE_EXISTS, "finished"):
        finish_reading(place, reading(landmarks=placed("LCO")))
    assert {path.name: path.read_bytes() for path in place.folder.iterdir()} == before


def test_a_finish_that_was_cut_short_can_be_done_again(place: ReadingPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    save_reading(place, reading(landmarks=placed()))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fedkd.annotation.files.write_text_atomically", killed)
    with pytest.raises(KeyboardInterrupt):
        finish_reading(place, reading(landmarks=placed()))
    monkeypatch.undo()
    found = read_reading(place)
    assert found is not None
    assert found.status == "draft", "the study's files are there, but the reading is not finished"
    finish_reading(place, reading(landmarks=placed("MS1")))
    assert files(place) == {"hps.mps", "landmarks.mrk.json", "reading.json"}


def test_readings_of_one_case_are_kept_apart(place: ReadingPlace) -> None:
    second = ReadingPlace(place.readings, "obs1", "scan", 2)
    finish_reading(place, reading(landmarks=placed()))
    finish_reading(second, reading(landmarks=placed("MS1"), number=2))
    assert place.folder.parent != second.folder.parent
    assert (place.folder / "ms.mps").exists()
    assert not (second.folder / "ms.mps").exists()
    assert ReadingPlace(place.readings, "obs1-2", "scan", 1).reader != second.reader


def test_one_window_at_a_time(place: ReadingPlace) -> None:
    with reading_lock(place), refusal(ExitCode.CASE_LOCKED, "another window"), reading_lock(place):
        pass


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense"])
def test_a_damaged_draft_is_not_taken_for_none(place: ReadingPlace, content: bytes) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "draft.json").write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, "damaged"):
        read_reading(place)


@pytest.mark.parametrize(
    "changes",
    [
        {"observer": "Dr. Smith"},
        {"observer": "../obs2"},
        {"site": ""},
        {"case": "../scan"},
        {"number": 0},
        {"status": "finished"},
        {"imported": ({"file": "hps.mps", "order": ("RCC",)},)},
        {"comment": "\x1b"},
    ],
)
def test_readings_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        reading(**changes)


@pytest.mark.parametrize(
    "landmark",
    [
        {"state": "placed"},
        {"state": "open", "position_lps_mm": (0.0, 0.0, 0.0)},
        {"state": "cannot be determined"},
        {"state": "placed", "position_lps_mm": (float("nan"), 0.0, 0.0)},
        {"seconds": -1.0},
    ],
)
def test_landmarks_that_make_no_sense_are_refused(landmark: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ObservedLandmark(label="RCC", **landmark)


def some_cts(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        sitk.WriteImage(
            sitk.GetImageFromArray(np.full((4, 4, 4), number, np.int16)), str(folder / f"ct{number:02}.nii.gz")
        )
    return folder


def test_each_observer_reads_in_an_order_of_their_own_and_keeps_it(tmp_path: Path) -> None:
    cts = some_cts(tmp_path / "cts", 12)
    orders = {
        observer: [item.case for item in shuffled(worklist(cts, tmp_path / "readings", observer), observer)]
        for observer in ("obs1", "obs2", "obs3")
    }
    by_name = [item.case for item in worklist(cts, tmp_path / "readings", "obs1")]
    assert by_name == sorted(by_name)
    assert all(sorted(order) == by_name for order in orders.values())
    assert len({tuple(order) for order in orders.values()} | {tuple(by_name)}) == 4
    again = [item.case for item in shuffled(worklist(cts, tmp_path / "readings", "obs2"), "obs2")]
    assert again == orders["obs2"]


def test_the_worklist_knows_drafts_and_what_was_read(tmp_path: Path) -> None:
    cts, readings = some_cts(tmp_path / "cts", 3), tmp_path / "readings"
    finish_reading(ReadingPlace(readings, "obs1", "ct00", 1), reading(case="ct00", landmarks=placed()))
    save_reading(ReadingPlace(readings, "obs1", "ct01", 1), reading(case="ct01"))
    found = {item.case: (item.number, item.state, item.done) for item in worklist(cts, readings, "obs1")}
    assert found == {"ct00": (2, "new", 1), "ct01": (1, "draft", 0), "ct02": (1, "new", 0)}
    assert [item.case for item in worklist(cts, readings, "obs1")][-1] == "ct00", "those read least come first"
    assert {item.done for item in worklist(cts, readings, "obs2")} == {0}
