"""Cases are exported whole or not at all, and none is left out, or taken along, in silence."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from pathlib import Path

import pytest

from builders.opened_case import POSITIONS, opened_answer
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer.panel.export.as_reviewed import is_as_reviewed
from fedkd_slicer.panel.export.copy_case import copying_case
from fedkd_slicer.panel.export.exporting import Exporting, ExportOrder, ExportState
from fedkd_slicer.panel.worklist.case_lines import CaseState

ACCEPTED = frozenset({CaseState.ACCEPTED})


def make_case(folder: Path, decision: str = "accepted") -> Path:
    """Write what an export looks at, and a file of several chunks."""
    (folder / "dicom").mkdir(parents=True)
    (folder / "hps.mps").write_text("points")
    (folder / "dicom" / "segmentation.dcm").write_bytes(os.urandom(9_000_000))
    review = {**opened_answer(folder)["review"], "decision": decision}
    write_review(folder, review)
    landmarks = {label: {"position_lps_mm": POSITIONS.get(label)} for label in LANDMARK_NAMES}
    measured = {"landmarks": landmarks, "calcium_threshold": "lumen+100"}
    (folder / "measurements.json").write_text(json.dumps(measured))
    return folder


def write_review(folder: Path, review: dict[str, object]) -> None:
    """Write a review, and that the report shows it."""
    text = json.dumps(review)
    (folder / "review.json").write_text(text)
    shown = {"reported_review_sha256": hashlib.sha256(text.encode()).hexdigest()}
    (folder / "provenance.json").write_text(json.dumps(shown))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def export(order: ExportOrder) -> ExportState:
    states: list[ExportState] = []
    exporting = Exporting(states.append)
    exporting.start(order)
    while exporting.is_running:
        exporting.look()
    return states[-1]


def test_an_accepted_case_arrives_bit_by_bit(tmp_path: Path) -> None:
    case, target = make_case(tmp_path / "results" / "scan"), tmp_path / "to"
    target.mkdir()
    state = export(ExportOrder((case,), target, ACCEPTED))
    assert state.exported == 1
    assert contents(target / "scan") == contents(case)
    assert [path.name for path in target.iterdir()] == ["scan"], "nothing else is left there"


def test_of_every_case_it_is_told_why_it_was_not_exported(tmp_path: Path) -> None:
    results, target = tmp_path / "results", tmp_path / "to"
    target.mkdir()
    cases = [make_case(results / name, name) for name in ("accepted", "rejected", "open")]
    old = make_case(results / "old")
    (old / "measurements.json").write_text((old / "measurements.json").read_text().replace("lumen+100", "850"))
    (results / "gone").mkdir()
    state = export(ExportOrder((*cases, old, results / "gone"), target, ACCEPTED))
    reasons = {outcome.case: outcome.why_not for outcome in state.outcomes}
    assert reasons == {
        "accepted": "",
        "rejected": "It was rejected.",
        "open": "It was not accepted yet.",
        "old": "Its report is older than its review. Open it and finish it first.",
        "gone": "It is no finished case.",
    }
    assert [path.name for path in target.iterdir()] == ["accepted"]


@pytest.mark.parametrize("change", ["moved", "missing", "damaged", "no measurements"])
def test_a_report_that_is_not_of_this_review_is_told_apart(tmp_path: Path, change: str) -> None:
    case = make_case(tmp_path / "scan")
    assert is_as_reviewed(case)
    review = json.loads((case / "review.json").read_text())
    if change == "moved":
        review["landmarks"][0]["position_lps_mm"][2] += 0.02
    elif change == "missing":
        review["landmarks"][0]["position_lps_mm"] = None
    elif change == "damaged":
        review["landmarks"][0]["position_lps_mm"] = "here"
    else:
        (case / "measurements.json").unlink()
    write_review(case, review)
    assert not is_as_reviewed(case)


@pytest.mark.parametrize("what", ["comment", "decided_by", "reason"])
def test_a_report_that_says_less_than_the_review_is_told_apart(tmp_path: Path, what: str) -> None:
    case = make_case(tmp_path / "scan")
    review = json.loads((case / "review.json").read_text())
    (case / "review.json").write_text(json.dumps({**review, what: "R2"}))
    assert not is_as_reviewed(case)
    write_review(case, {**review, what: "R2"})
    assert is_as_reviewed(case)


def test_a_case_is_never_replaced_nor_copied_into_itself(tmp_path: Path) -> None:
    case, target = make_case(tmp_path / "results" / "scan"), tmp_path / "to"
    (target / "scan").mkdir(parents=True)
    for where, code in ((target, ExitCode.CASE_EXISTS), (case / "dicom", ExitCode.USAGE)):
        with pytest.raises(FedkdError) as told:
            list(copying_case(case, where))
        assert told.value.code is code
    assert not any((target / "scan").iterdir())


def test_cancelling_leaves_nothing_of_the_case_in_hand(tmp_path: Path) -> None:
    results, target = tmp_path / "results", tmp_path / "to"
    target.mkdir()
    states: list[ExportState] = []
    exporting = Exporting(states.append)
    exporting.start(ExportOrder(tuple(make_case(results / name) for name in ("a", "b")), target, ACCEPTED))
    steps = copying_case(results / "a", target)
    list(itertools.islice(steps, 2))
    assert any(target.iterdir()), "it was under way"
    steps.close()
    assert not any(target.iterdir())
    exporting.cancel()
    assert not exporting.is_running
    assert [outcome.why_not for outcome in states[-1].outcomes] == ["The export was cancelled."] * 2


def test_links_and_pipes_in_a_case_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("somebody else's")
    case, target = make_case(tmp_path / "results" / "scan"), tmp_path / "to"
    target.mkdir()
    (case / "link").symlink_to(secret)
    os.mkfifo(case / "pipe")
    assert export(ExportOrder((case,), target, ACCEPTED)).exported == 1
    assert {path.name for path in (target / "scan").iterdir()} == {path.name for path in case.iterdir()} - {
        "link",
        "pipe",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    case, target = make_case(tmp_path / "results" / "scan"), tmp_path / "to"
    target.mkdir(mode=0o500)
    assert "cannot be written" in export(ExportOrder((case,), target, ACCEPTED)).outcomes[0].why_not


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, target = make_case(tmp_path / "results" / "scan"), tmp_path / "to"
    target.mkdir()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "no space left" in export(ExportOrder((case,), target, ACCEPTED)).outcomes[0].why_not
    assert not any(target.iterdir())
