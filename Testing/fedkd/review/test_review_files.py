"""review.json: nothing is lost, and nothing is called accepted that nobody saw."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from builders.measured_case import measured_case
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points
from fedkd.review import LandmarkReview, ReviewDocument, ReviewEvent, open_review, read_review, review_lock, save_review

SCHEMA = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas" / "review.schema.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measured_case(tmp_path_factory.mktemp("made"))[0]


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made, tmp_path / "out" / "scan"))


def with_landmark(review: ReviewDocument, changed: LandmarkReview) -> ReviewDocument:
    landmarks = tuple(changed if one.label == changed.label else one for one in review.landmarks)
    return ReviewDocument.model_validate({**dict(review), "landmarks": landmarks})


def all_accepted(review: ReviewDocument) -> ReviewDocument:
    landmarks = tuple(one.model_copy(update={"state": "accepted"}) for one in review.landmarks)
    event = ReviewEvent(utc=datetime.now(UTC), reader="R1", action="Accepted all")
    changes = {"landmarks": landmarks, "decision": "accepted", "reader": "R1", "events": (event,)}
    return ReviewDocument.model_validate({**dict(review), **changes})


def test_a_case_nobody_has_reviewed_begins_as_it_was_made(case: Path) -> None:
    review = open_review(case)
    assert [one.label for one in review.landmarks] == list(LANDMARK_NAMES)
    assert {one.state for one in review.landmarks} == {"predicted"}
    assert (review.case, review.decision, review.model_id) == ("scan", "open", None)
    assert not (case / "review.json").exists(), "opening writes nothing"


def test_what_was_saved_is_there_when_it_is_opened_again(case: Path) -> None:
    saved = save_review(case, all_accepted(open_review(case)))
    assert open_review(case) == read_review(case) == saved
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(
        json.loads((case / "review.json").read_text())
    )


def test_a_corrected_point_goes_to_the_landmarks_file_and_no_other_point_moves(case: Path) -> None:
    before = read_points(case / "landmarks.mrk.json").defined_positions_lps_mm()
    moved = LandmarkReview(label="LCO", state="corrected", position_lps_mm=(1.0, 2.0, 600.0))
    save_review(case, with_landmark(open_review(case), moved))
    after = read_points(case / "landmarks.mrk.json").defined_positions_lps_mm()
    assert after["LCO"] == pytest.approx((1.0, 2.0, 600.0))
    assert {label: after[label] for label in before if label != "LCO"} == {
        label: before[label] for label in before if label != "LCO"
    }


def test_what_a_model_knew_of_a_point_holds_where_it_had_it_and_nowhere_else(case: Path) -> None:
    known = LandmarkPoint("RCC", (1.0, 2.0, 600.0), 0.98, spread_mm=0.5, is_calibrated=True)
    others = [point for point in read_points(case / "landmarks.mrk.json") if point.label != "RCC"]
    write_points(case / "landmarks.mrk.json", PointList((known, *others)))
    told = json.loads((case / "provenance.json").read_text())
    record = next(one for one in told["landmarks"] if one["label"] == "RCC")
    record |= {"confidence": 0.98, "confidence_level": "high", "spread_mm": 0.5, "first_lps_mm": [1.0, 2.0, 600.0]}
    (case / "provenance.json").write_text(json.dumps(told))

    def placed_at(position: tuple[float, float, float] | None) -> LandmarkPoint:
        state = "missing" if position is None else "corrected"
        moved = LandmarkReview(label="RCC", state=state, position_lps_mm=position)
        save_review(case, with_landmark(open_review(case), moved))
        return read_points(case / "landmarks.mrk.json")["RCC"]

    for elsewhere in ((1.0, 2.0, 605.0), None):
        assert placed_at(elsewhere).confidence is None
        assert placed_at((1.0, 2.0, 600.0)) == known


def test_a_point_that_is_taken_away_is_undefined_in_the_landmarks_file(case: Path) -> None:
    save_review(
        case, with_landmark(open_review(case), LandmarkReview(label="MS1", state="missing", position_lps_mm=None))
    )
    points = read_points(case / "landmarks.mrk.json")
    assert points.labels == LANDMARK_NAMES
    assert points.position_lps_mm("MS1") is None
    assert open_review(case).landmarks[LANDMARK_NAMES.index("MS1")].state == "missing"


def test_a_point_moved_behind_the_reviews_back_is_no_longer_accepted(case: Path) -> None:
    save_review(case, all_accepted(open_review(case)))
    points = read_points(case / "landmarks.mrk.json")
    positions = points.defined_positions_lps_mm()
    x, y, z = positions["RCC"]
    write_points(case / "landmarks.mrk.json", PointList.from_positions(positions | {"RCC": (x, y, z + 1)}))
    review = open_review(case)
    states = {one.label: one.state for one in review.landmarks}
    assert states.pop("RCC") == "corrected"
    assert set(states.values()) == {"accepted"}
    assert review.decision == "open"
    assert "RCC" in review.events[-1].action


def test_a_save_that_was_cut_short_calls_no_moved_point_accepted(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_review(case, all_accepted(open_review(case)))
    moved = LandmarkReview(label="NCC", state="accepted", position_lps_mm=(0.0, 0.0, 600.0))
    cut_short = with_landmark(open_review(case), moved)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fedkd.review.files.write_text_atomically", killed)
    with pytest.raises(KeyboardInterrupt):
        save_review(case, cut_short)
    monkeypatch.undo()
    found = open_review(case)
    assert found.positions_lps_mm["NCC"] == pytest.approx((0.0, 0.0, 600.0)), "the reader's point is not lost"
    assert {one.label: one.state for one in found.landmarks}["NCC"] == "corrected"
    assert found.decision == "open"


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"schema_version": 2}'])
def test_a_damaged_review_is_not_taken_for_none(case: Path, content: bytes) -> None:
    (case / "review.json").write_bytes(content)
    with pytest.raises(FedkdError, match="damaged") as caught:
        open_review(case)
    assert caught.value.code is ExitCode.INPUT_UNREADABLE
    assert (case / "review.json").read_bytes() == content


def test_two_readers_cannot_have_one_case(case: Path) -> None:
    refused = pytest.raises(FedkdError, match="another window, or another reader")
    with review_lock(case), refused as caught, review_lock(case):
        pass
    assert caught.value.code is ExitCode.CASE_LOCKED
    with review_lock(case):
        pass


def test_a_folder_that_is_no_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FedkdError, match="not a case folder") as caught:
        open_review(tmp_path)
    assert caught.value.code is ExitCode.INPUT_NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "accepted"},
        {"decision": "rejected", "reason": "  "},
        {"reader": "Dr. A. Smith"},
        {"comment": "\x1b[2J"},
        {"landmarks": ()},
    ],
)
def test_reviews_that_make_no_sense_are_refused(case: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReviewDocument.model_validate({**dict(open_review(case)), **changes})


def test_a_point_cannot_be_accepted_nowhere() -> None:
    with pytest.raises(ValidationError):
        LandmarkReview(label="RCC", state="accepted", position_lps_mm=None)
    with pytest.raises(ValidationError):
        LandmarkReview(label="RCC", state="missing", position_lps_mm=(0.0, 0.0, 0.0))
    with pytest.raises(ValidationError):
        LandmarkReview(label="RCC", state="accepted", position_lps_mm=(float("nan"), 0.0, 0.0))
