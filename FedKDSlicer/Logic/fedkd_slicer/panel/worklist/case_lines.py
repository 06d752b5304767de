"""The cases in the results folder, each with how far it is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from fedkd.case.layout import PROVENANCE_FILE, REVIEW_FILE
from fedkd_slicer.panel.engine.case_run import Progress
from fedkd_slicer.panel.engine.trouble import Trouble

# A review with all its events; what is larger is none.
_MOST_BYTES = 20_000_000


class CaseState(StrEnum):
    """How far a case is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


_FINISHED = (CaseState.DONE, CaseState.ACCEPTED, CaseState.REJECTED)
_UNFINISHED = (CaseState.WAITING, CaseState.RUNNING)


@dataclass(frozen=True)
class CaseOrigin:
    """Where the CT of a case is, as far as that is known: its file or folder, and its volume in the scene by id."""

    ct: Path | None = None
    volume_id: str = ""


@dataclass(frozen=True)
class CaseLine:
    """One case. ``trouble``: why it failed, once that is known."""

    folder: Path
    state: CaseState
    message: str = ""
    origin: CaseOrigin = CaseOrigin()
    trouble: Trouble | None = None

    @property
    def name(self) -> str:
        """The case's name."""
        return self.folder.name

    @property
    def can_be_opened(self) -> bool:
        """True when there is something to review."""
        return self.state in _FINISHED

    @property
    def is_reviewed(self) -> bool:
        """True when a reader has decided."""
        return self.state in (CaseState.ACCEPTED, CaseState.REJECTED)


class CaseLines:
    """The cases of one results folder: those that were there by name, then those of the runs in their order."""

    def __init__(self) -> None:
        self._output: Path | None = None
        self._lines: dict[Path, CaseLine] = {}

    @property
    def all(self) -> tuple[CaseLine, ...]:
        """All of them."""
        return tuple(self._lines.values())

    def of(self, folder: Path) -> CaseLine | None:
        """Return the case of that folder."""
        return self._lines.get(folder)

    def look_into(self, output: Path) -> None:
        """Take up the finished cases of a results folder; those of another one are forgotten."""
        if output != self._output:
            self._output, self._lines = output, {}
        for folder in _case_folders(output):
            state = state_on_disk(folder)
            line = self._lines.get(folder)
            if state is None or (line is not None and not line.can_be_opened):
                continue
            self._lines[folder] = CaseLine(folder, state) if line is None else replace(line, state=state)

    def forget_unfinished(self) -> None:
        """A new run begins: what became of the one before is no longer of interest."""
        self._lines = {folder: line for folder, line in self._lines.items() if line.can_be_opened}

    def expect(self, folder: Path, origin: CaseOrigin) -> None:
        """A case waits to be predicted."""
        self._lines[folder] = CaseLine(folder, CaseState.WAITING, origin=origin)

    def progressed(self, folder: Path, progress: Progress) -> None:
        """A case is further."""
        line = self._lines.get(folder, CaseLine(folder, CaseState.RUNNING))
        if progress.stage == "failed":
            line = replace(line, state=CaseState.FAILED, message=progress.message)
        elif progress.has_ended:
            line = replace(line, state=state_on_disk(folder) or CaseState.DONE, message=progress.message)
        else:
            line = replace(line, state=CaseState.RUNNING, message=progress.message)
        self._lines[folder] = line

    def failed(self, folder: Path, trouble: Trouble) -> None:
        """A case failed: this is why, and what to do about it."""
        line = self._lines.get(folder, CaseLine(folder, CaseState.FAILED))
        self._lines[folder] = replace(line, state=CaseState.FAILED, message=trouble.what, trouble=trouble)

    def stopped(self) -> None:
        """The run has ended: whatever was not finished is not being made any more."""
        for folder, line in self._lines.items():
            if line.state in _UNFINISHED:
                # It may have been finished before, and only waited to be skipped.
                state = state_on_disk(folder) or CaseState.CANCELLED
                self._lines[folder] = replace(line, state=state, message="")


def state_on_disk(folder: Path) -> CaseState | None:
    """Return whether a case folder is done, accepted or rejected; None: it is no finished case."""
    if not (folder / PROVENANCE_FILE).is_file():
        return None
    decisions = {"accepted": CaseState.ACCEPTED, "rejected": CaseState.REJECTED}
    return decisions.get(_decision(folder / REVIEW_FILE), CaseState.DONE)


def _case_folders(output: Path) -> list[Path]:
    try:
        with os.scandir(output) as entries:
            return sorted(output / entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []  # not there yet; whether it can be written is told when something is to be written


def _decision(review: Path) -> str:
    """Return the decision in a review; empty where none can be read: opening the case says what is wrong with it."""
    try:
        if not review.is_file() or review.stat().st_size > _MOST_BYTES:
            return ""
        content = json.loads(review.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(content.get("decision", "")) if isinstance(content, dict) else ""
