"""The list of cases as the results folder and the runs leave it, and copies of CTs that go away."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd_slicer.panel.engine.advice import in_the_panel
from fedkd_slicer.panel.engine.case_run import Progress
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.worklist.case_lines import CaseLines, CaseOrigin, CaseState, state_on_disk
from fedkd_slicer.panel.worklist.scratch import Scratch


def finished(folder: Path, decision: str | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "provenance.json").write_text("{}")
    if decision is not None:
        (folder / "review.json").write_text(json.dumps({"decision": decision}))
    return folder


def test_a_results_folder_tells_what_was_done_in_it(tmp_path: Path) -> None:
    finished(tmp_path / "b", "accepted")
    finished(tmp_path / "a")
    finished(tmp_path / "c", "rejected")
    finished(tmp_path / ".partial-d-0123456789ab")
    (tmp_path / "no case").mkdir()
    lines = CaseLines()
    lines.look_into(tmp_path)
    assert [(line.name, line.state) for line in lines.all] == [
        ("a", CaseState.DONE),
        ("b", CaseState.ACCEPTED),
        ("c", CaseState.REJECTED),
    ]
    lines.look_into(tmp_path / "nowhere")
    assert lines.all == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"decision": 7}', b"[" * 100_000])
def test_a_review_that_cannot_be_read_is_no_decision(tmp_path: Path, content: bytes) -> None:
    case = finished(tmp_path / "a")
    (case / "review.json").write_bytes(content)
    assert state_on_disk(case) is CaseState.DONE


def test_a_run_that_ends_leaves_nothing_waiting(tmp_path: Path) -> None:
    lines = CaseLines()
    lines.look_into(tmp_path)
    for name in ("done", "failed", "running", "waiting"):
        lines.expect(tmp_path / name, CaseOrigin(tmp_path / f"{name}.nii"))
    finished(tmp_path / "done")
    lines.progressed(tmp_path / "done", Progress("done", "done", 1.0, "Done."))
    lines.progressed(tmp_path / "failed", Progress("failed", "failed", 1.0, "No heart."))
    lines.failed(tmp_path / "failed", Trouble("No heart.", "ct", "Look."))
    lines.progressed(tmp_path / "running", Progress("running", "read", 0.1, "Reading"))
    lines.stopped()
    states = [CaseState.DONE, CaseState.FAILED, CaseState.CANCELLED, CaseState.CANCELLED]
    assert [line.state for line in lines.all] == states
    assert lines.of(tmp_path / "done").origin.ct == tmp_path / "done.nii"
    lines.forget_unfinished()
    assert [line.name for line in lines.all] == ["done"]


def test_copies_of_cts_are_for_this_user_only_and_go_away(tmp_path: Path) -> None:
    left_behind = tmp_path / ".panel-0123456789ab"
    of_somebody_else = tmp_path / ".panel-notes"
    for folder in (left_behind, of_somebody_else):
        folder.mkdir()
        os.utime(folder, (time.time() - 30 * 24 * 3600,) * 2)
    scratch = Scratch()
    folder = scratch.folder_in(tmp_path, "case")
    assert folder.name == "case"
    assert folder != scratch.folder_in(tmp_path, "case")
    assert (folder.parents[1].stat().st_mode & 0o777) == 0o700
    assert not left_behind.exists(), "of a Slicer that was killed long ago"
    assert of_somebody_else.exists()
    scratch.clear()
    assert [path.name for path in tmp_path.iterdir()] == [".panel-notes"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with refusal(ExitCode.OUTPUT_NOT_WRITABLE):
        Scratch().folder_in(tmp_path / "file" / "results", "case")


def test_advice_for_a_command_line_becomes_advice_for_the_panel() -> None:
    assert "--" not in in_the_panel("SERIES_AMBIGUOUS", "Choose one with --series UID.")
    assert in_the_panel("HEART_NOT_FOUND", "Take another CT.") == "Take another CT."
    assert in_the_panel("OF_LATER", "Use --new.") == "Use --new."
