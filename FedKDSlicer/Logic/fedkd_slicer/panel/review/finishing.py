"""Measures a reviewed case anew, so that its report, scene and DICOM files say what the review says.

The case folder is replaced by that: the desk gives the case up before and has it again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from fedkd_slicer.panel.engine.case_run import Progress, RunListener
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.state import NotAllowed


class Run(Protocol):
    """A run of the engine: `CaseRun`."""

    is_over: bool

    def look(self) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


class StartRun(Protocol):
    """Starts ``fedkd`` with arguments."""

    def __call__(self, arguments: tuple[str, ...], listener: RunListener) -> Run: ...


@dataclass(frozen=True)
class FinishState:
    """How finishing goes: ``fraction`` 0 to 1 while it ``is_running``; ``trouble``: why it failed."""

    case: str
    is_running: bool
    fraction: float = 0.0
    message: str = ""
    was_cancelled: bool = False
    trouble: Trouble | None = None


@dataclass(frozen=True)
class _Job:
    folder: Path
    ct: Path | None
    arguments: tuple[str, ...]
    is_saved: bool = False


class Finishing:
    """Finishes one case at a time; a `RunListener`.

    Args:
        desk: has the open case.
        start_run: starts the engine.
        changed: is told how it goes.
    """

    def __init__(self, desk: Desk, start_run: StartRun, changed: Callable[[FinishState], None]) -> None:
        self._desk = desk
        self._start_run = start_run
        self._changed = changed
        self._run: Run | None = None
        self._state: FinishState | None = None
        self._job: _Job | None = None

    @property
    def is_running(self) -> bool:
        """True until the case is on the desk again: `look` has to be called."""
        return self._state is not None and self._state.is_running

    def start(self) -> None:
        """Finish the open case.

        Raises:
            NotAllowed: no case is open, or one is being finished.
        """
        case, state = self._desk.case, self._desk.state
        if case is None or state is None:
            raise NotAllowed("No case is open. Open one first.")
        if self.is_running:
            raise NotAllowed("A case is being finished. Wait until it is done.")
        ct = self._desk.ct
        given = () if ct is None else ("--ct", str(ct))
        arguments = ("measure", *given, "--calcium-threshold", state.calcium_threshold, str(case.folder))
        self._job = _Job(case.folder, ct, arguments)
        self._be(FinishState(case.case, is_running=True, message="Saving the review"))
        self._begin_once_saved()

    def look(self) -> None:
        """Hear how it goes."""
        if self._run is not None:
            self._run.look()
        elif self.is_running:
            self._go_on()

    def cancel(self) -> None:
        """Stop; the case stays as it was."""
        if self._run is not None:
            self._run.cancel()
        elif self.is_running:
            self.cancelled()

    def close(self) -> None:
        """Stop at once, without a word: the panel goes away."""
        run, self._run, self._state = self._run, None, None
        if run is not None:
            run.close()

    # ---- as a RunListener

    def progressed(self, progress: Progress) -> None:
        """Show how far it is."""
        if not progress.has_ended:
            self._be(FinishState(self._name, True, progress.fraction, progress.message))

    def case_failed(self, case: str, trouble: Trouble) -> None:
        """`failed` says the same."""

    def succeeded(self, case_folders: tuple[Path, ...]) -> None:
        """It is done."""
        self._end(FinishState(self._name, False, 1.0))

    def failed(self, trouble: Trouble) -> None:
        """The case is as it was."""
        self._end(FinishState(self._name, False, trouble=trouble))

    def cancelled(self) -> None:
        """The case is as it was."""
        self._end(FinishState(self._name, False, was_cancelled=True))

    @property
    def _name(self) -> str:
        return "" if self._state is None else self._state.case

    def _end(self, state: FinishState) -> None:
        self._run = None
        job, self._job = self._job, None
        # Unless the reader went on to another case meanwhile.
        if job is not None and not self._desk.is_at_work:
            self._desk.open(job.folder, job.ct)
        self._be(state)

    def _go_on(self) -> None:
        assert self._job is not None
        if self._job.is_saved:
            self._start_once_free()
        else:
            self._begin_once_saved()

    def _begin_once_saved(self) -> None:
        assert self._job is not None
        saving = self._desk.save_state
        if saving.trouble is not None:
            self.failed(saving.trouble)
        elif saving.is_saved:
            self._be(FinishState(self._name, is_running=True, message="Starting the engine"))
            self._desk.close()
            self._job = replace(self._job, is_saved=True)
            self._start_once_free()

    def _start_once_free(self) -> None:
        # Whoever still holds the folder must not have it replaced below.
        if self._job is not None and self._desk.has_left:
            run = self._start_run(self._job.arguments, self)
            if not run.is_over:
                self._run = run

    def _be(self, state: FinishState) -> None:
        self._state = state
        self._changed(state)
