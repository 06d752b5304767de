"""The files that the project consists of, for tests about the project itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGIC = ROOT / "FedKDSlicer" / "Logic"
TEXT_SUFFIXES = {".py", ".md", ".json", ".toml", ".txt", ".in", ".cff", ".sh", ".cmake", ".yml", ".yaml", ".ui", ""}


def project_files() -> list[Path]:
    """Return every file that is or would be committed; in a tree without git, every file outside hidden folders."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (git as the user has it)
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        files = [ROOT / line for line in listing.stdout.splitlines()]
    except (OSError, subprocess.CalledProcessError):
        files = [p for p in ROOT.rglob("*") if not any(part.startswith(".") for part in p.relative_to(ROOT).parts[:-1])]
    return sorted(file for file in files if file.is_file())


def text_files() -> list[Path]:
    return [file for file in project_files() if file.suffix in TEXT_SUFFIXES]


def python_files() -> list[Path]:
    return [file for file in project_files() if file.suffix == ".py"]
