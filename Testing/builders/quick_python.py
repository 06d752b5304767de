"""A Python for the panel whose ``fedkd predict`` needs no network: the double of the worker does the work."""

from __future__ import annotations

import sys
from pathlib import Path

_DOUBLES = Path(__file__).resolve().parents[1] / "doubles"


def quick_python(folder: Path) -> Path:
    """Write a program that takes ``-P -m fedkd ...`` as a Python does; the names of CTs say what is done with them."""
    program = folder / "quick_python"
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = -m ] && [ "$4" = predict ]; then\n  shift 3\n'
        f'  exec "{sys.executable}" "{_DOUBLES / "command.py"}" "$@"\nfi\nexec "{sys.executable}" "$@"\n'
    )
    program.chmod(0o755)
    return program
