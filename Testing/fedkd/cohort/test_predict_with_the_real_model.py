"""The whole command with the embedded model: nothing is a double here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import SimpleITK as sitk

from fedkd.errors import ExitCode
from fedkd.phantom import Field, make_phantom


def test_ct_without_a_heart_ends_with_its_own_code_and_leaves_nothing(tmp_path: Path) -> None:
    phantom = make_phantom(987_655, Field.ABDOMEN)
    sitk.WriteImage(phantom.grid.to_image(phantom.ct), str(tmp_path / "abdomen.nii.gz"))
    output = tmp_path / "results"
    command = [sys.executable, "-m", "fedkd", "predict", str(tmp_path / "abdomen.nii.gz"), "--output", str(output)]
    finished = subprocess.run([*command, "--progress", "json"], capture_output=True, text=True, timeout=300)
    assert finished.returncode == ExitCode.HEART_NOT_FOUND
    last = json.loads(finished.stdout.splitlines()[-1])
    assert last["error"]["code"] == ExitCode.HEART_NOT_FOUND
    assert "heart" in last["error"]["what"].lower()
    assert last["error"]["what_to_do"]
    left = {path.name for path in output.iterdir()} if output.exists() else set()
    assert left <= {"summary.csv", ".locks"}
