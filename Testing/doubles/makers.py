"""Stand in for what makes scene, views and report, which take seconds. What they do, the name of the case says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fedkd.case.scene_process import SceneCommand
from fedkd.cohort.making import Makers
from fedkd.cohort.worker import Finishers
from fedkd.errors import ExitCode, FedkdError


def quick_makers() -> Makers:
    """Return a scene command that is ``scene.py``, and a report of one line."""
    scene = Path(__file__).with_name("scene.py")
    return Makers(SceneCommand((sys.executable, str(scene)), timeout_s=2.0), begin_line)


def quick_finishers() -> Finishers:
    """Return what finishes cases with the quick makers, in the worker or in a process of its own: ``finisher.py``."""
    return Finishers(quick_makers(), (sys.executable, str(Path(__file__).with_name("finisher.py"))))


def begin_line(case_folder: Path) -> Callable[[], object]:
    return partial(_write_line, case_folder)


def _write_line(case_folder: Path) -> None:
    if case_folder.name.startswith("reportfails"):
        raise FedkdError(ExitCode.INPUT_UNREADABLE, "A picture is damaged.", where="x", what_to_do="Measure again.")
    assert (case_folder / "provenance.json").is_file()
    (case_folder / "report.html").write_text("report")
