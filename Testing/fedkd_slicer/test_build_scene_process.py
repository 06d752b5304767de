"""The process that makes scene and views: what it says, how it fails, and that it never leaves halves."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from builders.scene_case import SceneCase, SceneCaseRecipe, environment
from fedkd.errors import ExitCode
from fedkd_slicer import build_scene
from fedkd_slicer.opengl_probe import drawing_window_class

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

CASE_FILES = {"landmarks.mrk.json", "calcification.seg.nrrd", "provenance.json"}


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> SceneCase:
    return SceneCaseRecipe().make(tmp_path_factory.mktemp("original"))


@pytest.fixture
def case(original, tmp_path) -> SceneCase:
    return SceneCase(shutil.copytree(original.folder, tmp_path / "case"), original.ct_file, original.names)


def files_of(case: SceneCase) -> set[str]:
    return {path.name for path in case.folder.iterdir()}


def run_here(case: SceneCase, capsys, ct_file: Path | None = None) -> tuple[int, list[dict]]:
    """Run the command line in this process; return its exit code and what it wrote."""
    arguments = [str(case.folder), "--ct", str(ct_file or case.ct_file), "--progress", "json"]
    code = build_scene.main(arguments)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_progress_grows_and_the_last_line_names_the_files(case, tmp_path):
    (case.folder / "views").mkdir()
    (case.folder / "views" / "of-an-earlier-run.png").write_bytes(b"old")
    (case.folder / ".scene-partial-dead").mkdir()
    outcome = case.build("--progress", "json")
    assert outcome.returncode == ExitCode.OK, outcome.stderr
    *progress, last = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert {frozenset(line) for line in progress} == {frozenset({"stage", "fraction", "message"})}
    fractions = [line["fraction"] for line in progress]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    made = last["result"]["files"]
    assert len(made) == 8
    assert all((case.folder / name).is_file() for name in made)
    assert files_of(case) == CASE_FILES | {"scene.mrb", "views"}
    assert {f"views/{path.name}" for path in (case.folder / "views").iterdir()} == set(made) - {"scene.mrb"}


@pytest.mark.parametrize(
    ("spoil", "code", "where"),
    [
        (lambda folder: (folder / "landmarks.mrk.json").unlink(), ExitCode.INPUT_NOT_FOUND, "landmarks.mrk.json"),
        (lambda folder: (folder / "calcification.seg.nrrd").unlink(), ExitCode.INPUT_NOT_FOUND, "calcification"),
        (lambda folder: (folder / "provenance.json").unlink(), ExitCode.INPUT_NOT_FOUND, "provenance.json"),
        (lambda folder: (folder / "provenance.json").write_text("{"), ExitCode.INPUT_UNREADABLE, "provenance.json"),
        (lambda folder: (folder / "provenance.json").write_text("[]"), ExitCode.INPUT_UNREADABLE, "provenance.json"),
        (lambda folder: (folder / "calcification.seg.nrrd").write_text("x"), ExitCode.INPUT_UNREADABLE, "calcif"),
        (lambda folder: (folder / "landmarks.mrk.json").write_text("{}"), ExitCode.POINTS_INVALID, "landmarks"),
        (shutil.rmtree, ExitCode.INPUT_NOT_FOUND, "case"),
    ],
)
def test_damaged_cases_end_with_a_message_and_nothing_written(case, capsys, monkeypatch, spoil, code, where):
    monkeypatch.setattr("fedkd_slicer.opengl_probe._draws", lambda class_name: True)
    spoil(case.folder)
    before = files_of(case) if case.folder.exists() else None
    status, lines = run_here(case, capsys)
    error = lines[-1]["error"]
    assert (status, error["name"]) == (code, code.name)
    assert where in error["where"]
    assert error["what"]
    assert error["what_to_do"]
    assert (files_of(case) if case.folder.exists() else None) == before


@pytest.mark.parametrize("content", [b"", b"not an image"])
def test_a_ct_that_slicer_cannot_read_is_refused(case, capsys, monkeypatch, tmp_path, content):
    monkeypatch.setattr("fedkd_slicer.opengl_probe._draws", lambda class_name: True)
    ct_file = tmp_path / "ct.nrrd"
    ct_file.write_bytes(content)
    status, lines = run_here(case, capsys, ct_file)
    assert status == ExitCode.SCENE_FAILED
    assert lines[-1]["error"]["where"] == str(ct_file)
    assert files_of(case) == CASE_FILES


def test_points_in_another_order_are_refused(case, capsys, monkeypatch):
    monkeypatch.setattr("fedkd_slicer.opengl_probe._draws", lambda class_name: True)
    path = case.folder / "landmarks.mrk.json"
    document = json.loads(path.read_text())
    document["markups"][0]["controlPoints"].reverse()
    path.write_text(json.dumps(document))
    status, lines = run_here(case, capsys)
    assert status == ExitCode.SCENE_FAILED
    assert "MS2, MS1" in lines[-1]["error"]["what"]


def test_without_opengl_the_exact_command_to_install_it_is_said(case, capsys, monkeypatch):
    monkeypatch.setattr("fedkd_slicer.opengl_probe._draws", lambda class_name: False)
    status, lines = run_here(case, capsys)
    assert status == ExitCode.DEPENDENCY_MISSING
    assert "apt-get install --no-install-recommends libegl1 libgl1-mesa-dri" in lines[-1]["error"]["what_to_do"]
    assert files_of(case) == CASE_FILES


def test_a_window_that_crashes_is_survived_and_passed_over():
    assert drawing_window_class(("noSuchWindow", "vtkEGLRenderWindow", "vtkRenderWindow")).endswith("RenderWindow")


def test_without_slicers_core_the_exact_command_to_install_it_is_said(case, tmp_path):
    (tmp_path / "stand-in").mkdir()
    (tmp_path / "stand-in" / "slicer.py").write_text("raise ImportError('no core here')")
    here = environment()
    outcome = subprocess.run(
        [sys.executable, "-m", "fedkd_slicer.build_scene", str(case.folder), "--ct", str(case.ct_file)],
        capture_output=True,
        text=True,
        env=here | {"PYTHONPATH": f"{tmp_path / 'stand-in'}:{here['PYTHONPATH']}"},
        timeout=300,
    )
    assert outcome.returncode == ExitCode.DEPENDENCY_MISSING
    assert "pip install slicer-core==" in outcome.stderr
    assert outcome.stdout == ""
    assert files_of(case) == CASE_FILES


@pytest.mark.parametrize("when", ["Starting", "annulus"])
def test_a_stopped_run_leaves_the_case_as_it_was(case, when):
    command = [sys.executable, "-m", "fedkd_slicer.build_scene", str(case.folder), "--ct", str(case.ct_file)]
    with subprocess.Popen(
        [*command, "--progress", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    ) as process:
        for line in process.stdout:
            if when in line:
                break
        process.send_signal(signal.SIGTERM)
        last = [json.loads(line) for line in process.stdout][-1]
        assert process.wait(300) == ExitCode.TERMINATED
    assert last["error"]["name"] == "TERMINATED"
    assert files_of(case) == CASE_FILES
