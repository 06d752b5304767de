"""Runs code as if it stood in a file of the product, to test what the product is held to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.documented import PRODUCT_FOLDER


def run_as_product(code: str, **names: Any) -> dict[str, Any]:
    """Run statements; returns their names. Nothing is written to the product's folder."""
    exec(compile(code, str(Path(PRODUCT_FOLDER) / "made_up_for_a_test.py"), "exec"), names)  # noqa: S102
    return names
