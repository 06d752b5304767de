"""Accepting, rejecting, commenting; whether it is saved; what comes next."""

from __future__ import annotations

import hashlib
import json
import re

from doubles.reviewer import Reviewer
from fedkd_slicer.panel.engine.trouble import Trouble

FULL = Trouble("There is no space left for the output.", "review.json", "Free some space.", "DISK_FULL")


def test_what_is_still_to_be_looked_at_stands_over_the_button(reviewer: Reviewer) -> None:
    text = reviewer.find("decisionLine").text
    assert "Not accepted yet: RCC, LCC, NCC, LCO, MS1, MS2." in text
    assert "With warnings, look at them first: NCC." in text
    assert "Missing, so not everything can be measured: RCO." in text


def test_one_sentence_says_what_comes_next(reviewer: Reviewer) -> None:
    def following() -> str:
        return reviewer.find("nextLine").text

    assert following().startswith("Next: look at RCC (press 1).")
    for key in ("1", "2", "3", "5", "6", "7"):
        reviewer.press_keys(key)
        reviewer.press_keys("Space")
    assert following().startswith("Next: place RCO (press 4, then P)")
    reviewer.press("Accept all landmarks and the case")
    assert "Write report, scene and DICOM" in following()
    assert reviewer.find("Write report, scene and DICOM").enabled
    reviewer.press("Take the decision back")
    reviewer.type_text("rejectReason", "motion")
    reviewer.press("Reject the case")
    assert "rejected" in following()


def test_who_accepted_and_when_is_shown_and_saved(reviewer: Reviewer) -> None:
    reviewer.press("Accept all landmarks and the case")
    assert re.match(r"Accepted \(by R7, \d{4}-\d\d-\d\d \d\d:\d\d\)", reviewer.find("decisionLine").text)
    reviewer.rest()
    saved = reviewer.engine.saved[-1]
    assert (saved["decision"], saved["reader"]) == ("accepted", "R7")
    assert re.match(r"Saved \d\d:\d\d", reviewer.find("saveLine").text)
    reviewer.press_keys("Space")
    assert reviewer.find("decisionLine").text.startswith("Not decided."), "an unlocked point reopens the case"
    reviewer.press_keys("Ctrl+Z")
    assert "by R7" in reviewer.find("decisionLine").text


def test_a_case_is_rejected_with_a_reason_only(reviewer: Reviewer) -> None:
    reviewer.press("Reject the case")
    assert reviewer.find("saysLine").text == "Give a reason for rejecting the case."
    assert reviewer.desk.state.decision == "open"
    reviewer.type_text("rejectReason", "no contrast in the root")
    reviewer.press("Reject the case")
    assert reviewer.find("decisionLine").text.startswith("Rejected: no contrast in the root (by R7, ")
    assert "Give a reason" not in reviewer.sees()
    reviewer.press("Take the decision back")
    assert reviewer.find("rejectReason").text == ""


def test_a_reader_without_a_code_is_told(reviewer: Reviewer) -> None:
    assert "Recorded as reader R7" in reviewer.sees()
    reviewer.settings.reader_code = ""
    reviewer.half.exit()
    reviewer.half.enter()
    assert "No reader code is set" in reviewer.sees()


def test_a_comment_is_one_step_and_not_one_a_letter(reviewer: Reviewer) -> None:
    reviewer.type_text("commentField", "left main is short")
    assert reviewer.desk.state.comment == "left main is short"
    assert reviewer.find("undoButton").text == "Undo\nChanged the comment"
    reviewer.press("undoButton")
    assert reviewer.find("commentField").text == ""
    assert not reviewer.find("undoButton").enabled


def test_a_comment_that_is_still_being_written_is_kept_when_the_case_is_lost(reviewer: Reviewer) -> None:
    field = reviewer.find("commentField")
    field.setFocus()
    for letter in "ok":
        reviewer.press_keys(letter, into=field)
    reviewer.scene.listener.case_lost("The scene was closed.")
    assert reviewer.engine.saved[-1]["comment"] == "ok"


def test_a_review_that_cannot_be_saved_says_so_and_why(reviewer: Reviewer) -> None:
    reviewer.engine.save_trouble = FULL
    reviewer.press("Accept RCC")
    reviewer.wait_until(lambda: reviewer.find("saveLine").text.startswith("NOT SAVED"))
    assert "There is no space left for the output. Free some space." in reviewer.find("saveLine").text
    reviewer.engine.save_trouble = None
    reviewer.press_keys("2")
    reviewer.press("Accept LCC")
    reviewer.wait_until(lambda: reviewer.find("saveLine").text.startswith("Saved"))


def test_a_case_that_cannot_be_opened_says_why(reviewer: Reviewer) -> None:
    reviewer.engine.open_trouble = Trouble("Case scan is open in another window.", "scan", "Close it there first.")
    reviewer.desk.open(reviewer.case, None)
    reviewer.wait_until(lambda: "open in another window" in reviewer.sees())
    assert "Close it there first." in reviewer.sees()
    assert "Accept RCC" not in reviewer.sees()
    reviewer.engine.open_trouble = None
    reviewer.open()
    assert "open in another window" not in reviewer.sees()


def test_after_the_report_the_export_comes_next(reviewer: Reviewer) -> None:
    reviewer.press("Accept all landmarks and the case")
    reviewer.rest()
    assert 'press "Write report' in reviewer.find("nextLine").text
    reviewer.desk.close()
    write_report_of(reviewer)
    reviewer.open()
    assert reviewer.find("nextLine").text.startswith("Next: export the case")


def write_report_of(reviewer: Reviewer) -> None:
    """Write what a finished case has beside the review that was saved last: its numbers, and what the report shows."""
    review = reviewer.engine.saved[-1]
    landmarks = {one["label"]: {"position_lps_mm": one["position_lps_mm"]} for one in review["landmarks"]}
    measured = {"landmarks": landmarks, "calcium_threshold": review["calcium_threshold"]}
    (reviewer.case / "measurements.json").write_text(json.dumps(measured))
    shown = hashlib.sha256((reviewer.case / "review.json").read_bytes()).hexdigest()
    (reviewer.case / "provenance.json").write_text(json.dumps({"reported_review_sha256": shown}))
