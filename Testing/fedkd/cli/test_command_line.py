from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import fedkd
from doubles.run_command import predict, small_ct, small_cts
from fedkd.errors import ExitCode


def fedkd_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "fedkd", *arguments], capture_output=True, text=True, timeout=60)


def test_version() -> None:
    assert fedkd_command("--version").stdout.split() == ["fedkd", fedkd.__version__]


def test_exit_codes_are_listed() -> None:
    listed = fedkd_command("exit-codes").stdout
    for code in ExitCode:
        assert f"{int(code):>3}  {code.name}" in listed
        assert code.meaning in listed


def test_predict_explains_itself() -> None:
    ended = fedkd_command("predict", "--help")
    assert "exit-codes" in ended.stdout
    for option in ("--output", "--model", "--heart-mask", "--series", "--device", "--progress", "--overwrite"):
        assert option in ended.stdout


def test_wrong_use_has_its_own_exit_code() -> None:
    assert fedkd_command("predict").returncode == ExitCode.USAGE
    assert fedkd_command("predict", "a.nii.gz", "--device", "toaster").returncode == ExitCode.USAGE


def test_missing_ct_is_named(tmp_path: Path) -> None:
    ended = predict(tmp_path / "none.nii.gz", "--output", tmp_path / "out", progress="none")
    assert ended.exit_code == ExitCode.INPUT_NOT_FOUND
    assert "none.nii.gz" in ended.stderr
    assert "what to do:" in ended.stderr


def test_points_paths_and_warning_are_shown(tmp_path: Path) -> None:
    for progress in ("none", "rich"):
        output = tmp_path / progress
        ended = predict(small_ct(tmp_path / "incomplete.nii.gz"), "--output", output, progress=progress)
        assert ended.exit_code == ExitCode.OK
        for label in ("RCC", "LCC", "NCC", "RCO", "LCO", "MS1", "MS2", "not found", "LPS mm"):
            assert label in ended.stdout
        assert str(output / "incomplete") in ended.stdout
        assert fedkd.NOT_FOR_CLINICAL_USE in ended.stdout
        assert ("incomplete" in ended.stderr) == (progress == "rich")


def test_failures_are_explained_and_good_cases_shown(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good", "fails")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out", progress="none")
    assert ended.exit_code == ExitCode.SOME_CASES_FAILED
    assert "good" in ended.stdout
    for words in ("fails: No heart.", "where: the CT", "what to do: Take another CT."):
        assert words in ended.stderr
