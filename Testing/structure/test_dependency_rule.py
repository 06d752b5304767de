"""The engine stays apart from applications, and the command line stays quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from structure.source_tree import ROOT


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_import_contracts_hold() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout


def test_every_engine_module_imports_without_slicer() -> None:
    result = run_python(
        """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"slicer", "vtk", "vtkmodules", "qt", "ctk", "fedbiomed", "fedkd_slicer"}:
            raise ImportError(f"the engine imports {name}")

sys.meta_path.insert(0, Refuse())
import fedkd
for module in pkgutil.walk_packages(fedkd.__path__, "fedkd."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    )
    assert result.returncode == 0, result.stderr


def test_command_line_starts_without_heavy_libraries() -> None:
    result = run_python(
        """
import sys
import fedkd.cli
print(*sorted({"torch", "monai", "SimpleITK", "scipy"} & sys.modules.keys()))
"""
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [], "imported before any command runs"
