"""What Slicer's build and its catalog of extensions ask of the repository."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import fedkd

ROOT = Path(__file__).resolve().parents[2]
ROOT_CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
MODULE_FOLDER = ROOT / "FedKDSlicer"


def test_cmake_lists_every_file_of_the_module() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "Tools" / "cmake_lists.py", "--check"], capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout


@pytest.mark.parametrize("name", ["HOMEPAGE", "CONTRIBUTORS", "DESCRIPTION", "ICONURL", "SCREENSHOTURLS", "DEPENDS"])
def test_extension_metadata_is_given(name: str) -> None:
    assert re.search(rf'^set\(EXTENSION_{name} "\S.*"\)$', ROOT_CMAKE, re.MULTILINE)


def test_urls_point_to_files_of_this_repository() -> None:
    urls = re.findall(r"https://raw\.githubusercontent\.com/FedKDSlicer/FedKDSlicer/main/([^\"\s]+)", ROOT_CMAKE)
    assert len(urls) >= 2
    assert [url for url in urls if not (ROOT / url).is_file()] == []


def test_catalog_entry_agrees_with_cmake() -> None:
    (entry_file,) = ROOT.glob("*.json")
    entry = json.loads(entry_file.read_text(encoding="utf-8"))
    assert entry.keys() == {"$schema", "category", "scm_url", "build_dependencies"}
    assert entry["category"] == "Cardiac"
    assert f"project({entry_file.stem})" in ROOT_CMAKE
    assert f'set(EXTENSION_DEPENDS "{" ".join(entry["build_dependencies"])}")' in ROOT_CMAKE


def test_icon_has_the_size_slicer_asks_for() -> None:
    with Image.open(MODULE_FOLDER / "Resources" / "Icons" / "FedKDSlicer.png") as icon:
        assert (icon.format, icon.size) == ("PNG", (128, 128))


def test_citation_names_this_version() -> None:
    assert f"\nversion: {fedkd.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
