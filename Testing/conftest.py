"""What all tests may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real data, which the project must not need: tests on it are skipped where it is absent."""
    folder = Path(os.environ.get("FEDKD_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not here ({folder}); set FEDKD_SHARED to the folder that holds data/")
    return folder
