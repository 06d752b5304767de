"""Which Python runs the engine, and in which environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LOGIC_FOLDER = Path(__file__).resolve().parents[3]
# Slicer points these at its own Python and libraries; another Python would not start with them.
_OF_SLICER = ("PYTHONHOME", "PYTHONPATH", "PYTHONNOUSERSITE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH")


@dataclass(frozen=True)
class EnginePython:
    """A Python with the engine's packages.

    Args:
        program: its executable.
        environment: what it is started with; the engine's own code is on its path.
    """

    program: str
    environment: dict[str, str]

    def command(self, *arguments: str) -> tuple[str, ...]:
        """Return the command ``fedkd`` with these arguments."""
        # -P: or Python would import from the current folder first, and that may be one that came with the CTs.
        return (self.program, "-P", "-m", "fedkd", *arguments)


def slicer_python() -> EnginePython:
    """Return the Python that Slicer brings."""
    program = shutil.which("PythonSlicer") or sys.executable
    return EnginePython(program, _with_engine(os.environ))


def other_python(program: str, before_slicer: Mapping[str, str]) -> EnginePython:
    """Return another Python.

    Args:
        program: its executable.
        before_slicer: the environment in which Slicer was started, ``slicer.util.startupEnvironment()``.
    """
    return EnginePython(program, _with_engine({k: v for k, v in before_slicer.items() if k not in _OF_SLICER}))


def _with_engine(environment: Mapping[str, str]) -> dict[str, str]:
    inherited = environment.get("PYTHONPATH")
    path = str(_LOGIC_FOLDER) if not inherited else f"{_LOGIC_FOLDER}{os.pathsep}{inherited}"
    return {**environment, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
