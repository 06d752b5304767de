"""Mistakes on the command line, and interruptions, in the real command: a message and a code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders.expect import refusal
from doubles.run_command import small_ct
from fedkd.cli.evaluate import evaluate
from fedkd.cli.last_resort import explain
from fedkd.cli.train import train
from fedkd.errors import ExitCode

COMMAND = (sys.executable, "-m", "fedkd")


def fedkd(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    no_gpu = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    ended = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=120, env=no_gpu
    )
    assert "Traceback" not in ended.stderr
    return ended


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    small_ct(tmp_path / "cases" / "a" / "ct.nii.gz")  # the hash of "a" keeps it for training
    return tmp_path / "cases"


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "cases", "--output", "run", "--minutes", "-1"),
        ("train", "cases", "--output", "run", "--seed", "-5"),
        ("train", "cases", "--output", "run", "--steps", "0"),
        ("train", "cases"),
        ("phantom", "make", "out", "--seed", "-1"),
        ("phantom", "make", "out", "--cases", "100001"),
        ("phantom", "make", "out", "--field", "heaven"),
        ("points", "convert", "only-one.mps"),
    ],
    ids=" ".join,
)
def test_impossible_options_are_named(arguments: tuple[str, ...]) -> None:
    ended = fedkd(*arguments)
    assert ended.returncode == ExitCode.USAGE
    assert "Error" in ended.stderr


def test_device_that_is_not_there_is_no_result_of_an_evaluation(cases: Path) -> None:
    ended = fedkd("evaluate", cases, "--device", "toaster")
    assert ended.returncode == ExitCode.USAGE
    assert "what to do:" in ended.stderr
    assert ended.stdout == ""


def test_evaluation_without_test_cases_says_so(cases: Path) -> None:
    with refusal(ExitCode.TRAINING_DATA_INVALID, "None of the 1 cases", where=cases):
        evaluate(cases, test_only=True)


def test_training_into_a_file_is_refused(cases: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with refusal(ExitCode.OUTPUT_NOT_WRITABLE, where=tmp_path / "file"):
        train(cases, tmp_path / "file", device="cpu")
    assert (tmp_path / "file").read_text() == "mine"


def test_phantoms_into_a_file_are_refused_before_they_are_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    ended = fedkd("phantom", "make", tmp_path / "file")
    assert ended.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    assert ended.stdout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_name_that_would_command_the_terminal_is_shown_harmless() -> None:
    ended = fedkd("points", "show", "gone\x1b[2J\udcff.mps")
    assert ended.returncode == ExitCode.INPUT_NOT_FOUND
    assert "gone\\x1b[2J\\udcff.mps" in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_stopped_phantoms_leave_nothing_half_made(tmp_path: Path, number: int, code: ExitCode) -> None:
    out = tmp_path / "out"
    command = [*COMMAND, "phantom", "make", str(out), "--cases", "1000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not out.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    stderr = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "The run was stopped." in stderr
    assert "Traceback" not in stderr
    assert list(out.glob(".*")) == []


def test_the_unforeseen_becomes_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert explain(MemoryError()).code is ExitCode.OUT_OF_MEMORY
    assert explain(PermissionError(13, "Permission denied", "ct.nii")).where == "ct.nii"
    assert explain(OSError(28, "No space left on device", "out")).code is ExitCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []
    error = explain(ZeroDivisionError("by surprise"))
    assert error.code is ExitCode.INTERNAL
    assert "by surprise" in Path(error.where).read_text()
    if sys.platform != "win32":
        assert Path(error.where).parent.stat().st_mode & 0o077 == 0
