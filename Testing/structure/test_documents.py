"""What the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from fedkd.cli import app
from structure.source_tree import ROOT, project_files

DOCUMENTS = [file for file in project_files() if file.suffix == ".md"]


@pytest.fixture(params=DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def document(request: pytest.FixtureRequest) -> tuple[str, set[str]]:
    text = request.param.read_text(encoding="utf-8")
    links = {target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target}
    return text, {str((request.param.parent / link).resolve()) for link in links}


def test_links_lead_to_files(document: tuple[str, set[str]]) -> None:
    assert [link for link in document[1] if not Path(link).exists()] == []


def test_commands_exist(document: tuple[str, set[str]]) -> None:
    known = typer.main.get_command(app).commands.keys()
    assert set(re.findall(r"`(?:[^`\n]*\s)?fedkd ([a-z-]+)", document[0])) - known == set()


def test_make_targets_exist(document: tuple[str, set[str]]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", document[0], re.MULTILINE))
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
