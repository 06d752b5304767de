"""A synthetic CT to try the panel with, made on this computer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd_slicer.panel.engine.case_run import CaseRun, Progress
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.worklist.given import link_or_copy

_FOLDER = "sample-ct"
# Of a run that no network was trained or tested on.
_SEED = 20
_CT_FILE = "ct.nii.gz"
_NAMED = "sample-heart.nii.gz"


@dataclass(frozen=True)
class SampleTold:
    """Who hears of it: ``made`` gets the CT's file; ``failed`` the reason, None when it was cancelled."""

    made: Callable[[Path], None]
    failed: Callable[[Trouble | None], None]


class SampleCt:
    """At most one is made at a time; one that is there already is taken.

    Args:
        told: hears how it ends.
    """

    def __init__(self, told: SampleTold) -> None:
        self._told = told
        self._run: CaseRun | None = None

    @property
    def is_running(self) -> bool:
        """True while it is being made."""
        return self._run is not None

    def start(self, python: EnginePython, output: Path) -> None:
        """Make it, in a folder of its own in ``output``."""
        run = CaseRun(python, ("phantom", "make", str(output / _FOLDER), "--seed", str(_SEED)), self)
        if not run.is_over:
            self._run = run

    def look(self) -> None:
        """Hear how it goes."""
        if self._run is not None:
            self._run.look()

    def cancel(self) -> None:
        """Stop."""
        if self._run is not None:
            self._run.cancel()

    def close(self) -> None:
        """Stop at once, without a word."""
        run, self._run = self._run, None
        if run is not None:
            run.close()

    # ---- as a RunListener

    def progressed(self, progress: Progress) -> None:
        """It is one case: it is made, or it is not."""

    def case_failed(self, case: str, trouble: Trouble) -> None:
        """`failed` follows."""

    def succeeded(self, case_folders: tuple[Path, ...]) -> None:
        """It is there, and gets a name that its case will have."""
        self._run = None
        named = case_folders[0].parent / _NAMED
        try:
            named.unlink(missing_ok=True)
            link_or_copy(case_folders[0] / _CT_FILE, named)
        except OSError as error:
            self._told.failed(Trouble.of(writing_error(named, error)))
            return
        self._told.made(named)

    def failed(self, trouble: Trouble) -> None:
        """It could not be made."""
        self._run = None
        self._told.failed(trouble)

    def cancelled(self) -> None:
        """It was stopped."""
        self._run = None
        self._told.failed(None)
