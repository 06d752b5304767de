"""A person predicts one CT in the panel: what is seen, and what is said when it goes wrong."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import slicer

from builders.predict_panel import choose_file, click_case, is_open, states
from doubles.run_command import processes_whose_command_has, small_ct, unfinished
from fedkd_slicer.panel.engine.python_choice import slicer_python
from fedkd_slicer.panel.engine.session_client import SessionClient
from harness.fixtures import SlicerApp
from harness.person import Person


def test_nothing_is_chosen_at_first_and_the_button_says_what_is_missing(person: Person) -> None:
    button = person.find("Predict")
    assert not button.enabled
    assert button.toolTip == "Choose a CT first."
    assert "Not for clinical use" in person.sees()
    assert "Model: phantom-student-2" in person.sees()
    assert "No case is open" in person.sees()


def test_a_file_is_predicted_and_opened_for_review(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "cts" / "good.nii.gz"))
    person.press("Predict")
    assert person.find("Cancel").enabled
    assert not person.find("Predict").enabled
    person.wait_until(lambda: is_open(person, "good"), 60)
    person.wait_until(lambda: "Done." in person.sees(), 60)
    assert "Case good" in person.sees()
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
    assert (tmp_path / "results" / "good" / "landmarks.mrk.json").is_file()


def test_a_run_is_followed_and_cancelled(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "blocks.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "Halfway" in person.sees(), 60)
    assert states(person) == {"blocks": "Running"}
    person.press("Cancel")
    assert "Stopping" in person.sees()
    person.wait_until(lambda: "Cancelled" in person.sees(), 60)
    assert states(person) == {"blocks": "Not made"}
    assert unfinished(tmp_path / "results") == []
    assert person.find("Predict").enabled


def test_a_run_may_be_cancelled_before_it_has_begun(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.press("Cancel")
    assert "Cancelled" in person.sees()
    assert not (tmp_path / "results" / "good").exists()


def test_a_ct_that_cannot_be_predicted_is_explained(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "fails.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "That did not work" in person.sees(), 60)
    for words in ("No heart.", "What to do: Take another CT."):
        assert words in person.sees()
    assert states(person) == {"fails": "Failed"}
    person.press("Close this message")
    assert "What to do" not in person.sees()
    click_case(person, "fails")
    assert "What to do: Take another CT." in person.sees()


def test_a_worker_that_is_killed_is_explained(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "dies.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "That did not work" in person.sees(), 60)
    assert states(person) == {"dies": "Failed"}
    assert "What to do" in person.sees()


def test_a_command_that_is_killed_is_explained_and_leaves_nothing(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "waits.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "Halfway" in person.sees(), 60)
    [command] = processes_whose_command_has(["command.py", str(tmp_path / "waits.nii.gz")])
    os.kill(command, signal.SIGKILL)
    person.wait_until(lambda: "The engine ended unexpectedly (signal 9)." in person.sees(), 60)
    assert states(person) == {"waits": "Not made"}
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "good"), 60)
    assert unfinished(tmp_path / "results") == [], "the next run clears away"


def test_a_results_folder_that_cannot_be_written_is_told(person: Person, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.type_text("outputFolder", str(tmp_path / "a file" / "results"))
    person.press("Predict")
    person.wait_until(lambda: "That did not work" in person.sees(), 60)
    assert "cannot be written" in person.sees()
    person.type_text("outputFolder", str(tmp_path / "elsewhere"))
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "good"), 60)


def test_a_scene_may_be_closed_while_it_runs(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "slow.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "Halfway" in person.sees(), 60)
    person.close_scene()
    person.wait_until(lambda: is_open(person, "slow"), 60)


def test_a_scene_that_is_closed_closes_the_case_and_loses_nothing(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "good"), 60)
    person.close_scene()
    person.wait_until(lambda: "No case is open" in person.sees(), 30)
    assert "The scene was closed" in person.sees()
    click_case(person, "good")
    person.wait_until(lambda: is_open(person, "good"), 60)


def test_the_module_may_be_reloaded_and_left_while_it_runs(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "waits.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "Halfway" in person.sees(), 60)
    person.leave_module()
    person.open_module("FedKDSlicer")
    assert states(person) == {"waits": "Running"}
    person.reload_module()
    assert states(person) == {}, "nothing was finished"
    assert person.sees().count("1.  Choose a CT") == 1
    assert processes_whose_command_has([str(tmp_path / "waits.nii.gz")]) == []


def test_a_case_that_another_window_has_open_is_told(person: Person, slicer_app: SlicerApp, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "good"), 60)
    person.close_scene()
    person.wait_until(lambda: "No case is open" in person.sees(), 30)
    answers: list[object] = []
    other = SessionClient(slicer_python(), answers.append)
    other.open_case(tmp_path / "results" / "good", tmp_path / "good.nii.gz", answers.append, answers.append)
    person.wait_until(lambda: (other.look(), answers)[1], 60)
    assert isinstance(answers[0], dict), answers
    click_case(person, "good")
    person.wait_until(lambda: "What to do" in person.sees(), 60)
    assert "No case is open" in person.sees()
    other.close()
    click_case(person, "good")
    person.wait_until(lambda: is_open(person, "good"), 60)


def test_cases_of_an_earlier_day_are_there_to_go_on_with(person: Person, tmp_path: Path) -> None:
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "good"), 60)
    person.reload_module()
    assert states(person) == {"good": "To be reviewed"}
    person.type_text("outputFolder", str(tmp_path / "empty"))
    assert states(person) == {}
