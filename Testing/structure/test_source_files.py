"""House rules about files that no linter checks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from structure.source_tree import ROOT, project_files, python_files, text_files

MAX_LINES = 400
THIS_FILE = Path(__file__).resolve()

# Written so that this file does not contain what it looks for.
TIED_TO_A_MACHINE = [
    r"py" r"pi\.org",
    r"python" r"hosted\.org",
    r"registry\." r"npmjs",
    r"deb\." r"debian\.org",
    r"/wo" r"rk/",
    r"/ro" r"ot/",
    r"/opt/" r"(wheels|pypi)",
    r"\.lib" r"rary\b",
    r"--(extra-)?index" r"-url",
]

BRITISH = (
    "analyse artefact behaviour calibre catalogue centre centred centres colour colours coloured favour fibre grey "
    "initialise labelled labelling licence localise localised localisation metre metres millimetre millimetres "
    "minimise modelling neighbour neighbours neighbouring normalise normalised normalisation optimise optimiser "
    "organise programme randomise randomised randomisation recognise recognised summarise tumour visualise"
)


def places_of(pattern: re.Pattern[str]) -> list[str]:
    """Return "file:line: text" of every match in the project's text files."""
    places = []
    for file in text_files():
        if file == THIS_FILE:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                places.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return places


def test_files_are_short_enough_to_read() -> None:
    lengths = {file.relative_to(ROOT): len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()}
    assert {file: length for file, length in lengths.items() if length > MAX_LINES} == {}


def test_nothing_names_a_machine_or_a_package_host() -> None:
    assert places_of(re.compile("|".join(TIED_TO_A_MACHINE))) == []


def test_spelling_is_american() -> None:
    assert places_of(re.compile(rf"\b({'|'.join(BRITISH.split())})\b", re.IGNORECASE)) == []


def test_text_files_end_lines_with_lf() -> None:
    assert [file for file in text_files() if b"\r" in file.read_bytes()] == []


def test_repository_stays_small() -> None:
    sizes = {file.relative_to(ROOT): file.stat().st_size for file in project_files()}
    assert sum(sizes.values()) < 60e6, "Slicer's catalog wants a checkout under 100 MB, history included"
    assert {file: size for file, size in sizes.items() if size > 20e6} == {}


def python_3_12() -> str | None:
    """Return a Python 3.12 that really starts, or None."""
    candidates = [shutil.which("python3.12"), *map(str, Path.home().glob(".pyenv/versions/3.12.*/bin/python3.12"))]
    if sys.version_info[:2] == (3, 12):
        candidates.append(sys.executable)
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "--version"], capture_output=True).returncode == 0:
            return candidate
    return None


def test_code_compiles_for_slicers_python() -> None:
    interpreter = python_3_12()
    if interpreter is None:
        pytest.skip("no Python 3.12 (that of Slicer 5.10 to 5.12) on this machine")
    code = "import sys\nfor f in sys.argv[1:]: compile(open(f, encoding='utf-8').read(), f, 'exec')"
    result = subprocess.run(
        [interpreter, "-W", "error", "-c", code, *map(str, python_files())], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
