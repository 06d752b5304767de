"""The cases that the panel knows of, each with how far it is."""

from __future__ import annotations

import json
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
class CaseLine:
    """One case. ``ct``: where its CT is, while that is known and there."""

    folder: Path
    state: CaseState
    message: str = ""
    ct: Path | None = None
    trouble: Trouble | None = None

    @property
    def name(self) -> str:
        """The case's name."""
        return self.folder.name

    @property
    def can_be_opened(self) -> bool:
        """True when there is something to review."""
        return self.state in _FINISHED


class CaseLines:
    """The cases in the order in which they came, each once."""

    def __init__(self) -> None:
        self._lines: dict[Path, CaseLine] = {}

    @property
    def all(self) -> tuple[CaseLine, ...]:
        """All of them."""
        return tuple(self._lines.values())

    def of(self, folder: Path) -> CaseLine | None:
        """Return the case of that folder."""
        return self._lines.get(folder)

    def expect(self, folder: Path, ct: Path | None) -> None:
        """A case waits to be predicted; one that is finished already is shown as it is."""
        found = state_on_disk(folder)
        self._lines[folder] = CaseLine(folder, found or CaseState.WAITING, ct=ct)

    def progressed(self, output: Path, progress: Progress, ct: Path | None = None) -> None:
        """A case is further."""
        folder = output / progress.case
        line = self._lines.get(folder, CaseLine(folder, CaseState.RUNNING, ct=ct))
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
                self._lines[folder] = replace(line, state=CaseState.CANCELLED, message="")

    def look_again(self, folder: Path) -> None:
        """The reader may have decided about a case."""
        line, found = self._lines.get(folder), state_on_disk(folder)
        if line is not None and line.can_be_opened and found is not None:
            self._lines[folder] = replace(line, state=found)


def state_on_disk(folder: Path) -> CaseState | None:
    """Return whether a case folder is done, accepted or rejected; None: it is no finished case."""
    if not (folder / PROVENANCE_FILE).is_file():
        return None
    decisions = {"accepted": CaseState.ACCEPTED, "rejected": CaseState.REJECTED}
    return decisions.get(_decision(folder / REVIEW_FILE), CaseState.DONE)


def _decision(review: Path) -> str:
    """Return the decision in a review; empty where none can be read: opening the case says what is wrong with it."""
    try:
        if not review.is_file() or review.stat().st_size > _MOST_BYTES:
            return ""
        content = json.loads(review.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(content.get("decision", "")) if isinstance(content, dict) else ""
