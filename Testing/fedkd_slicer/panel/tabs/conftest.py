"""The application, and a person who has the module open with an engine that needs no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from builders.quick_python import quick_python
from doubles.reviewer import Reviewer
from harness.fixtures import SlicerApp, slicer_app
from harness.person import Person

__all__ = ["person", "slicer_app"]


@pytest.fixture
def person(slicer_app: SlicerApp, tmp_path: Path) -> Person:
    QSettings().setValue("FedKDSlicer/python", str(quick_python(tmp_path)))
    QSettings().setValue("FedKDSlicer/outputFolder", str(tmp_path / "results"))
    person = Person(slicer_app)
    person.install_module()
    person.open_module("FedKDSlicer")
    return person


@pytest.fixture
def reviewer(slicer_app: SlicerApp, tmp_path: Path) -> Iterator[Reviewer]:
    """A person with the review of a case before them, and an engine from memory."""
    reviewer = Reviewer(slicer_app, tmp_path)
    reviewer.open()
    yield reviewer
    reviewer.leave()
