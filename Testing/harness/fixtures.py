"""The application for tests: ``from harness.fixtures import slicer_app`` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")
pytest.importorskip("PySide6", reason="PySide6 is not installed (requirements/dev.txt)")

from harness.application.dialogs import DIALOGS, Dialogs
from harness.complaints import COMPLAINTS, Complaints, watch_uncaught_exceptions
from harness.guarded import HIDDEN
from harness.install import start_application
from harness.leftovers import Leftovers


@dataclass(frozen=True)
class SlicerApp:
    """A running application, and what a test has to say about its dialogs and complaints."""

    app: Any
    scene: Any
    scratch: Path
    dialogs: Dialogs
    complaints: Complaints


def running_slicer(scratch: Path) -> Iterator[SlicerApp]:
    """Start an application, end it after the test, and fail by whatever went wrong or was left behind."""
    COMPLAINTS.take()
    HIDDEN.clear()
    DIALOGS.__init__()
    stop_watching = watch_uncaught_exceptions()
    leftovers = Leftovers()
    running = start_application(scratch)
    try:
        yield SlicerApp(running.app, running.core.scene, scratch, DIALOGS, COMPLAINTS)
        running.app.processEvents()
        running.app.quit_as_user()
        running.app.processEvents()
        problems = [*leftovers.found(running.core.scene), *_unread_dialogs()]
    finally:
        running.app.close()
        stop_watching()
    problems = [*COMPLAINTS.take(), *problems]
    if problems:
        pytest.fail("\n\n".join(problems), pytrace=False)


def _unread_dialogs() -> list[str]:
    unread = [f"a dialog that the test did not read: {shown}" for shown in DIALOGS.unread()]
    return unread + [f"an answer that no dialog asked for: {answer}" for answer in DIALOGS.answers_left()]


@pytest.fixture
def slicer_app(tmp_path: Path) -> Iterator[SlicerApp]:
    """A Slicer with an empty scene, in a folder of its own."""
    yield from running_slicer(tmp_path / "slicer")
