"""The report says what a reader decided, and never that points were accepted which nobody saw."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.expect import refusal
from builders.report_case import POSITIONS_LPS_MM, ReportCase, write_measurements, write_prediction
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.layout import LANDMARKS_FILE, PROVENANCE_FILE, REVIEW_FILE
from fedkd.errors import ExitCode
from fedkd.pointsets import PointList, write_points
from fedkd.report import write_report
from fedkd.review import LandmarkReview, ReviewDocument, ReviewEvent

pytestmark = pytest.mark.usefixtures("no_browser")

WHEN = datetime(2026, 3, 4, 15, 6, tzinfo=UTC)
ALL_ACCEPTED = ReviewDocument(
    case="case-7",
    model_id="fedkd-student-1",
    reader="R1",
    decision="accepted",
    decided_by="R1",
    decided_utc=WHEN,
    calcium_threshold="850",
    landmarks=tuple(
        LandmarkReview(label=name, state="accepted", position_lps_mm=POSITIONS_LPS_MM[name]) for name in LANDMARK_NAMES
    ),
    started_utc=WHEN,
    saved_utc=WHEN,
    software="fedkd",
)


def decision_on(folder: Path, review: ReviewDocument | None, **origin: object) -> str:
    """Return what the page says of the reader's decision, and of the landmarks."""
    write_prediction(folder, ReportCase())
    write_measurements(folder, ReportCase())
    document = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8")) | origin
    (folder / PROVENANCE_FILE).write_text(json.dumps(document), encoding="utf-8")
    if review is not None:
        (folder / REVIEW_FILE).write_text(review.model_dump_json(), encoding="utf-8")
    return page_words(folder)


def page_words(folder: Path) -> str:
    write_report(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    return text[text.index("Reader's decision") : text.index("Confidence runs from")]


def changed(**values: object) -> ReviewDocument:
    return ReviewDocument.model_validate({**dict(ALL_ACCEPTED), **values})


def with_point(label: str, **values: object) -> tuple[LandmarkReview, ...]:
    return tuple(one.model_copy(update=values) if one.label == label else one for one in ALL_ACCEPTED.landmarks)


def test_a_case_that_nobody_reviewed_says_so(tmp_path: Path) -> None:
    text = decision_on(tmp_path, None)
    assert "No reader has reviewed this case." in text
    assert "accepted" not in text


def test_an_accepted_case_says_who_and_when_and_the_comment(tmp_path: Path) -> None:
    text = decision_on(tmp_path, changed(comment="Good <b>image</b>."))
    assert "Accepted by R1, 2026-03-04 15:06 UTC." in text
    assert "Comment Good &lt;b&gt;image&lt;/b&gt;." in text
    assert "Points accepted RCC, LCC, NCC, RCO, LCO, MS1, MS2" in text
    assert "right coronary cusp Found, accepted" in text
    assert "corrected" not in text


def test_a_rejected_case_says_why(tmp_path: Path) -> None:
    text = decision_on(tmp_path, changed(decision="rejected", decided_by="R2", reason="Motion in the valve plane"))
    assert "Rejected by R2, 2026-03-04 15:06 UTC." in text
    assert "Reason Motion in the valve plane" in text


def test_a_review_that_was_begun_is_no_decision(tmp_path: Path) -> None:
    landmarks = with_point("LCC", state="corrected")
    text = decision_on(tmp_path, changed(decision="open", landmarks=landmarks, decided_by="", decided_utc=None))
    assert "Not decided" in text
    assert "Points not accepted LCC" in text
    assert "Points corrected LCC" in text


def test_what_was_done_to_each_point_is_told(tmp_path: Path) -> None:
    x, y, z = POSITIONS_LPS_MM["LCC"]
    records = [
        {"label": "RCC", "found": True, "placed_by": "model", "first_lps_mm": POSITIONS_LPS_MM["RCC"]},
        {"label": "LCC", "found": True, "placed_by": "reader", "first_lps_mm": (x, y + 3.24, z)},
        {"label": "RCO", "found": True, "placed_by": "reader", "first_lps_mm": None},
        {"label": "MS2", "found": False, "placed_by": None, "first_lps_mm": (1.0, 2.0, 3.0)},
    ]
    landmarks = with_point("MS2", state="missing", position_lps_mm=None)
    events = [ReviewEvent(utc=WHEN, reader=reader, action="Moved LCC") for reader in ("R3", "R1", "R3")]
    positions = {name: place for name, place in POSITIONS_LPS_MM.items() if name != "MS2"}
    review = changed(landmarks=landmarks, events=events)
    decision_on(tmp_path, review, landmarks=records)
    write_points(tmp_path / LANDMARKS_FILE, PointList.from_positions(positions))
    text = page_words(tmp_path)
    assert "Points corrected LCC (moved 3.2 mm), RCO (placed by hand), MS2 (taken away)" in text
    assert "Points without a place MS2" in text
    assert "Readers R3, R1" in text


def test_points_that_moved_after_the_decision_are_not_called_accepted(tmp_path: Path) -> None:
    decision_on(tmp_path, ALL_ACCEPTED)
    moved = POSITIONS_LPS_MM | {"NCC": (1.0, 1.0, 1.0)}
    write_points(tmp_path / LANDMARKS_FILE, PointList.from_positions(moved))
    text = page_words(tmp_path)
    assert "but not as it is now: NCC moved since. Review the case again." in text
    assert "Points accepted RCC, LCC, RCO, LCO, MS1, MS2" in text
    assert "Points not accepted NCC" in text


def test_a_damaged_review_is_not_taken_for_none(tmp_path: Path) -> None:
    decision_on(tmp_path, ALL_ACCEPTED)
    (tmp_path / REVIEW_FILE).write_text("{", encoding="utf-8")
    with refusal(ExitCode.INPUT_UNREADABLE):
        write_report(tmp_path)
