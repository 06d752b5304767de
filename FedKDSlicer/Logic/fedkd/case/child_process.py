"""What processes that we start need to find the engine."""

from __future__ import annotations

import os
from pathlib import Path


def environment_with_engine() -> dict[str, str]:
    """Return this process' environment, in which children find these packages without their being installed."""
    logic = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": logic if not inherited else f"{logic}{os.pathsep}{inherited}"}
