"""A Python for the panel whose ``fedkd predict`` needs no network: the double of the worker does the work.

Its ``fedkd measure`` measures, and writes a quick scene and report.
"""

from __future__ import annotations

import sys
from pathlib import Path

_DOUBLES = Path(__file__).resolve().parents[1] / "doubles"


def quick_python(folder: Path) -> Path:
    """Write a program that takes ``-P -m fedkd ...`` as a Python does; the names of CTs say what is done with them."""
    program = folder / "quick_python"
    quick = {"predict": _DOUBLES / "command.py", "measure": _DOUBLES / "measure_command.py"}
    cases = "".join(
        f'if [ "$2" = -m ] && [ "$4" = {name} ]; then\n  shift 3\n  exec "{sys.executable}" "{script}" "$@"\nfi\n'
        for name, script in quick.items()
    )
    program.write_text(f'#!/bin/sh\n{cases}exec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return program
