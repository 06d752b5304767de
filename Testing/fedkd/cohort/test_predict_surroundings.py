"""The whole real command, in a folder full of traps, and with a model that is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from doubles.run_command import small_ct
from fedkd.case.scene_process import SceneCommand, make_scene
from fedkd.errors import ExitCode
from fedkd.progress import silent


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A folder with modules that leave a mark when Python imports them."""
    folder = tmp_path / "patient-cd"
    folder.mkdir()
    for module in ("json", "numpy", "torch", "pydantic", "slicer", "vtk", "fedkd", "fedkd_slicer"):
        mark = f"open({str(folder / 'TRAPPED')!r}, 'a').write({module!r})\n"
        (folder / f"{module}.py").write_text(mark + "raise ImportError('trap')\n")
    return folder


def fedkd_in(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "fedkd", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_scene_imports_nothing_from_the_current_folder(traps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(traps)
    record = make_scene(traps, traps / "ct.nii.gz", SceneCommand(), silent)
    assert record.status == "not made"
    assert not (traps / "TRAPPED").exists(), record.reason


def test_reason_without_scene_names_no_folder(tmp_path: Path) -> None:
    code = "import sys; sys.exit('cannot open /home/jane/ct.nii.gz')"
    record = make_scene(tmp_path, tmp_path / "ct", SceneCommand((sys.executable, "-c", code)), silent)
    assert record.reason == "cannot open ct.nii.gz"


def test_foreign_model_and_no_code_from_the_current_folder(traps: Path) -> None:
    small_ct(traps / "scan.nii.gz")
    (traps / "weights.pt").write_bytes(b"PK\x03\x04 a pickle of someone else")
    ended = fedkd_in(traps, "predict", "scan.nii.gz", "--model", "weights.pt", "--progress", "none")
    assert ended.returncode == ExitCode.MODEL_INVALID, ended.stderr
    for words in ("no model package", "weights.pt", "what to do:"):
        assert words in ended.stderr
    assert not (traps / "TRAPPED").exists()
    assert not list((traps / "fedkd-results").glob("scan*"))
