"""What has to be there before a run begins: the engine's packages, and the CT as files."""

from __future__ import annotations

from pathlib import Path

from fedkd.errors import FedkdError
from fedkd_slicer.panel import packages
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.settings import Settings
from fedkd_slicer.panel.worklist.given import Given
from fedkd_slicer.panel.worklist.scratch import Scratch


class CannotStart(Exception):  # noqa: N818 - an answer to the user, not a fault
    """A run cannot begin; ``trouble`` says why, and what to do."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


def ready_engine(settings: Settings) -> EnginePython:
    """Return the Python that was chosen; Slicer's own gets the packages that it lacks, if the user agrees.

    Raises:
        CannotStart: the packages were not installed.
    """
    if not settings.other_python and not packages.are_installed():
        trouble = packages.install()
        if trouble is not None:
            raise CannotStart(trouble)
    return settings.engine_python()


def taken_inputs(given: Given, scratch: Scratch, output: Path) -> tuple[Path, ...]:
    """Return the files for the engine.

    Raises:
        CannotStart: the CT is not there, or cannot be copied.
    """
    try:
        return given.paths(scratch, output)
    except FedkdError as error:
        raise CannotStart(Trouble.of(error)) from error
