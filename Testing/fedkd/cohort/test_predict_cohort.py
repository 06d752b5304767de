from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest

from doubles.run_command import predict, small_ct, small_cts, unfinished
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.errors import ExitCode

CASE_FILES = {
    "landmarks.mrk.json",
    "hps.mps",
    "ms.mps",
    "calcification.seg.nrrd",
    "measurements.csv",
    "measurements.json",
    "report.html",
    "scene.mrb",
    "shapes.json",
    "views/annulus.png",
    "provenance.json",
}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def summary(output: Path) -> dict[str, dict[str, str]]:
    with (output / "summary.csv").open(newline="") as stream:
        return {row["case"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def mixed_run(tmp_path_factory: pytest.TempPathFactory):
    """One run over good and bad cases, which many tests look at."""
    folder = tmp_path_factory.mktemp("mixed")
    names = ["chatters", "crashes", "dies", "fails", "good", "hungry", "incomplete", "scenecrash", "surprises"]
    small_cts(folder / "cts", *names)
    return folder / "out", predict(folder / "cts", "--output", folder / "out")


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CT and its finished case; not to be changed."""
    folder = tmp_path_factory.mktemp("one")
    ended = predict(small_ct(folder / "good.nii.gz"), "--output", folder / "out")
    assert ended.exit_code == ExitCode.OK, ended.stderr
    return folder


@pytest.fixture
def finished(one_run: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A CT, and the output folder with its finished case: copies to change."""
    folder = shutil.copytree(one_run, tmp_path / "finished")
    return folder / "good.nii.gz", folder / "out"


def test_one_case_leaves_every_file_and_a_result(tmp_path: Path) -> None:
    ended = predict(small_ct(tmp_path / "good.nii.gz"), "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK, ended.stderr
    assert files_in(tmp_path / "out" / "good") == CASE_FILES
    assert ended.last["result"]["not_for_clinical_use"] == NOT_FOR_CLINICAL_USE
    assert [point["label"] for point in ended.cases["good"]["points"]][:3] == ["RCC", "LCC", "NCC"]
    fractions = [line["fraction"] for line in ended.lines[:-1]]
    assert fractions == sorted(fractions)


def test_failing_cases_do_not_stop_the_others(mixed_run) -> None:
    output, ended = mixed_run
    assert ended.exit_code == ExitCode.SOME_CASES_FAILED
    assert ended.last["error"]["name"] == "SOME_CASES_FAILED"
    outcomes = {name: (case["status"], (case["error"] or {}).get("name")) for name, case in ended.cases.items()}
    assert outcomes == {
        "chatters": ("done", None),
        "crashes": ("failed", "INTERNAL"),
        "dies": ("failed", "OUT_OF_MEMORY"),
        "fails": ("failed", "HEART_NOT_FOUND"),
        "good": ("done", None),
        "hungry": ("failed", "OUT_OF_MEMORY"),
        "incomplete": ("done", None),
        "scenecrash": ("done", None),
        "surprises": ("failed", "INTERNAL"),
    }
    assert unfinished(output) == []


def test_summary_has_a_row_for_each_case(mixed_run) -> None:
    rows = summary(mixed_run[0])
    assert len(rows) == 9
    assert rows["good"]["status"] == "done"
    assert rows["fails"]["exit_code"] == str(int(ExitCode.HEART_NOT_FOUND))
    assert (rows["incomplete"]["LCO_found"], rows["incomplete"]["LCO_confidence"]) == ("no", "")
    assert (rows["good"]["LCO_found"], rows["good"]["LCO_confidence"]) == ("yes", "0.900")


def test_surprises_leave_a_log_and_expected_errors_do_not(mixed_run) -> None:
    output = mixed_run[0]
    assert {path.name for path in output.glob("*.error.log")} == {"crashes.error.log", "surprises.error.log"}
    assert "ZeroDivisionError" in (output / "surprises.error.log").read_text()
    assert "Segmentation fault" in (output / "crashes.error.log").read_text()


def test_incomplete_points_have_no_point_set_of_their_study(mixed_run) -> None:
    files = files_in(mixed_run[0] / "incomplete")
    assert "hps.mps" not in files
    assert "ms.mps" in files


def test_crashing_scene_costs_no_prediction(mixed_run) -> None:
    output, ended = mixed_run
    assert files_in(output / "scenecrash") == CASE_FILES - {"scene.mrb", "views/annulus.png"}
    assert "views were not made, because" in ended.cases["scenecrash"]["message"]
    record = json.loads((output / "scenecrash" / "provenance.json").read_text())
    assert record["scene"]["status"] == "not made"
    assert "status -6" in record["scene"]["reason"]


def test_refused_and_hanging_scenes_are_explained(tmp_path: Path) -> None:
    small_cts(tmp_path, "scenerefuse", "scenehang")
    ended = predict(tmp_path, "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK
    assert "Slicer's core is not installed" in ended.cases["scenerefuse"]["message"]
    assert "longer than 2 s" in ended.cases["scenehang"]["message"]


def test_finished_cases_are_skipped_and_failed_ones_tried_again(mixed_run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    shutil.copytree(mixed_run[0], output)
    cts = mixed_run[0].parent / "cts"
    before = (output / "good" / "provenance.json").read_bytes()
    ended = predict(cts / "good.nii.gz", cts / "fails.nii.gz", "--output", output)
    assert {name: case["status"] for name, case in ended.cases.items()} == {"good": "skipped", "fails": "failed"}
    assert "finished on" in ended.cases["good"]["message"]
    assert len(ended.cases["good"]["points"]) == 7
    assert (output / "good" / "provenance.json").read_bytes() == before
    assert len(summary(output)) == 9, "rows of cases that this run did not touch stay"


def test_single_failing_case_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    ended = predict(small_ct(tmp_path / "fails.nii.gz"), "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.HEART_NOT_FOUND
    assert {key: ended.last["error"][key] for key in ("what", "where", "what_to_do")} == {
        "what": "No heart.",
        "where": "the CT",
        "what_to_do": "Take another CT.",
    }


def test_case_is_made_again_when_a_file_is_missing_or_asked_for(finished: tuple[Path, Path]) -> None:
    ct, output = finished
    (output / "good" / "ms.mps").unlink()
    assert predict(ct, "--output", output).cases["good"]["status"] == "done"
    assert files_in(output / "good") == CASE_FILES
    assert predict(ct, "--output", output, "--overwrite").cases["good"]["status"] == "done"
    assert unfinished(output) == []


def test_a_case_measured_with_another_calcium_threshold_is_not_skipped(finished: tuple[Path, Path]) -> None:
    ct, output = finished
    ended = predict(ct, "--output", output, "--calcium-threshold", "850")
    assert ended.exit_code == ExitCode.CASE_EXISTS


def test_results_of_another_ct_or_model_are_only_replaced_when_asked(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    output = finished[1]
    before = (output / "good" / "provenance.json").read_bytes()
    other = small_ct(tmp_path / "b" / "good.nii.gz", seed=2)
    refused = predict(other, "--output", output)
    assert refused.exit_code == ExitCode.CASE_EXISTS
    assert "another CT" in refused.last["error"]["what"]
    assert (output / "good" / "provenance.json").read_bytes() == before
    assert predict(other, "--output", output, "--overwrite").exit_code == ExitCode.OK
    other_model = predict(other, "--output", output, "--model", tmp_path / "other-model")
    assert other_model.exit_code == ExitCode.CASE_EXISTS


def test_foreign_folders_are_never_replaced(tmp_path: Path) -> None:
    ct = small_ct(tmp_path / "good.nii.gz")
    precious = tmp_path / "out" / "good" / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    ended = predict(ct, "--output", tmp_path / "out", "--overwrite")
    assert ended.exit_code == ExitCode.CASE_EXISTS
    assert precious.read_text() == "mine"


def test_ct_inside_its_own_case_folder_is_not_deleted(finished: tuple[Path, Path]) -> None:
    ct, output = finished
    inside = output / "good" / "good.nii.gz"
    shutil.copy(ct, inside)
    assert predict(inside, "--output", output, "--overwrite").exit_code == ExitCode.CASE_EXISTS
    assert inside.is_file()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_case_that_a_reader_reviewed_is_never_replaced(
    is_whole: bool, finished: tuple[Path, Path], tmp_path: Path
) -> None:
    """Neither when it is asked for, nor when a file is missing and the case would be made again without being asked."""
    ct, output = finished
    review = output / "good" / "review.json"
    review.write_text("{}")
    if not is_whole:
        (output / "good" / "ms.mps").unlink()
    ended = predict(ct, "--output", output, *(["--overwrite"] if is_whole else []))
    assert ended.exit_code == ExitCode.CASE_EXISTS
    assert "reader's review" in ended.last["error"]["what"]
    assert "review.json" in ended.last["error"]["what_to_do"]
    assert review.read_text() == "{}"
    review.rename(tmp_path / "review.json")
    assert predict(ct, "--output", output, "--overwrite").cases["good"]["status"] == "done"


def test_failing_overwrite_keeps_the_old_case(finished: tuple[Path, Path], tmp_path: Path) -> None:
    output = finished[1]
    old = (output / "good").rename(output / "fails")
    record = json.loads((old / "provenance.json").read_text())
    (old / "provenance.json").write_text(json.dumps(record | {"case": "fails"}))
    before = files_in(old)
    assert predict(small_ct(tmp_path / "fails.nii.gz"), "--output", output, "--overwrite").exit_code != 0
    assert files_in(old) == before


def test_missing_model_ends_the_run_before_any_case(tmp_path: Path) -> None:
    ended = predict(
        *small_cts(tmp_path, "good", "better"), "--output", tmp_path / "out", "--model", tmp_path / "no-such-model"
    )
    assert ended.exit_code == ExitCode.MODEL_NOT_FOUND
    assert ended.last["error"]["cases"] == []


def test_worker_that_dies_of_the_model_is_not_started_again_for_each_case(tmp_path: Path) -> None:
    cts = small_cts(tmp_path, "good", "better")
    ended = predict(*cts, "--output", tmp_path / "out", "--model", tmp_path / "deadly-model")
    assert ended.exit_code == ExitCode.OUT_OF_MEMORY
    assert ended.last["error"]["cases"] == []


def test_heart_mask_and_series_go_with_one_ct_only(tmp_path: Path) -> None:
    cts = small_cts(tmp_path, "good", "better")
    mask = small_ct(tmp_path / "masks" / "mask.nii.gz")
    ended = predict(*cts, "--output", tmp_path / "out", "--heart-mask", mask, "--series", "1.2.3")
    assert ended.exit_code == ExitCode.USAGE
    assert "--heart-mask and --series" in ended.last["error"]["what"]
    assert not (tmp_path / "out").exists()
    missing = predict(cts[0], "--output", tmp_path / "out", "--heart-mask", tmp_path / "none.nii.gz")
    assert missing.exit_code == ExitCode.INPUT_NOT_FOUND


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_are_refused_or_made_safe(tmp_path: Path) -> None:
    odd = small_ct(tmp_path / "good.nii.gz").rename(tmp_path / "good_\udcff.nii.gz")
    refused = predict(odd, "--output", tmp_path / "out")
    assert refused.exit_code == ExitCode.USAGE
    assert "Rename it." in refused.last["error"]["what_to_do"]
    strange = odd.rename(tmp_path / "good_a\\b \u00fc [red].nii.gz")
    ended = predict(strange, "--output", tmp_path / "\u00fc [red]", progress="none")
    assert ended.exit_code == ExitCode.OK, ended.stderr
    assert "[red]" in ended.stdout
