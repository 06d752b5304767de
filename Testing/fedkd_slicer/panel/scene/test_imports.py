"""The scene of the panel needs none of the engine's libraries: Slicer's Python may not have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

import fedkd_slicer.panel.scene

FOLDER = Path(fedkd_slicer.panel.scene.__file__).parent
MODULES = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
BLOCKED = ("pydantic", "scipy", "torch", "monai", "typer", "filelock", "defusedxml", "nibabel", "skimage", "rich")
PROGRAM = """
import sys
from pathlib import Path

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1].split(","):
            raise ImportError(name + " is not in Slicer's Python")

from harness.install import install_modules  # it needs some of them itself
install_modules()
for name in [name for name in sys.modules if name.split(".")[0] in sys.argv[1].split(",")]:
    del sys.modules[name]
for name in [name for name in sys.modules if name.startswith("fedkd")]:
    del sys.modules[name]
sys.meta_path.insert(0, Blocked())
for module in sys.argv[2].split(","):
    __import__("fedkd_slicer.panel.scene." + module)
"""


def imported(program: str, modules: list[str]) -> subprocess.CompletedProcess[str]:
    folders = os.pathsep.join([str(FOLDER.parents[2]), str(Path(__file__).resolve().parents[3])])
    command = [sys.executable, "-c", program, ",".join(BLOCKED), ",".join(modules)]
    environment = {**os.environ, "PYTHONPATH": folders}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)


def test_the_scene_is_imported_without_the_engines_libraries() -> None:
    done = imported(PROGRAM, MODULES)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_check_can_fail() -> None:
    done = imported(PROGRAM.replace("fedkd_slicer.panel.scene.", "fedkd."), ["pointsets"])
    assert "is not in Slicer's Python" in done.stderr
