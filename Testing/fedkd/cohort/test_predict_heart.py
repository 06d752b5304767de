"""Which heart a case is predicted with: the user's mask, TotalSegmentator's, or the model's own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from doubles.run_command import predict, small_ct, small_cts
from fedkd.errors import ExitCode

STAND_IN = """#!{python}
import sys
from pathlib import Path
Path({log!r}).open("a").write("called\\n")
output = Path(sys.argv[sys.argv.index("-o") + 1])
{ending}
"""
FAILS = "print('No weights and no network.'); raise SystemExit(1)"


def heart_mask(path: Path) -> Path:
    """Write a mask of 97 ml in the middle of the small CT."""
    voxels = np.zeros((24, 24, 24), np.uint8)
    voxels[2:22, 2:22, 2:22] = 1
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((2.2, 2.3, 2.4))
    image.SetOrigin((-10.0, 5.0, 100.0))
    sitk.WriteImage(image, str(path))
    return path


def provenance(output: Path, case: str) -> dict[str, object]:
    return json.loads((output / case / "provenance.json").read_text())


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a program called TotalSegmentator on the search path; return the file that counts its calls."""

    def put(ending: str) -> Path:
        log, program = tmp_path / "calls", tmp_path / "bin" / "TotalSegmentator"
        program.parent.mkdir()
        program.write_text(STAND_IN.format(python=sys.executable, log=str(log), ending=ending))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        return log

    return put


def test_mask_of_the_user_comes_first(tmp_path: Path, install) -> None:
    calls = install(FAILS)
    ct, mask, output = small_ct(tmp_path / "good.nii.gz"), heart_mask(tmp_path / "mask.nii.gz"), tmp_path / "out"
    assert predict(ct, "--heart-mask", mask, "--output", output).exit_code == ExitCode.OK
    record = provenance(output, "good")
    assert record["heart_source"] == "mask file mask.nii.gz"
    assert record["parameters"]["heart_mask_sha256"] is not None
    assert not calls.exists()
    assert predict(ct, "--heart-mask", mask, "--output", output).cases["good"]["status"] == "skipped"
    assert predict(ct, "--output", output).exit_code == ExitCode.CASE_EXISTS, "made with a mask, asked for without"


def test_bad_mask_fails_the_case(tmp_path: Path) -> None:
    ct = small_ct(tmp_path / "good.nii.gz")
    ended = predict(ct, "--heart-mask", ct, "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.HEART_MASK_INVALID
    assert not (tmp_path / "out" / "good").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a shebang")
def test_totalsegmentator_is_asked_when_it_is_installed(tmp_path: Path, install) -> None:
    mask = str(heart_mask(tmp_path / "mask.nii.gz"))
    install(f"import shutil\noutput.mkdir()\nshutil.copy({mask!r}, output / 'heart.nii.gz')")
    assert predict(small_ct(tmp_path / "good.nii.gz"), "--output", tmp_path / "out").exit_code == ExitCode.OK
    assert provenance(tmp_path / "out", "good")["heart_source"] == "TotalSegmentator"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a shebang")
def test_failing_totalsegmentator_is_a_note_and_asked_once(tmp_path: Path, install) -> None:
    calls = install(FAILS)
    small_cts(tmp_path / "cts", "good", "incomplete")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK
    assert "No weights and no network. The model looked for the heart itself." in ended.cases["good"]["notes"][0]
    assert ended.cases["incomplete"]["notes"] == ["The heart is cut off."]
    assert calls.read_text() == "called\n"
