"""Requests and answers for the annotation of the inter-observer study, beside those of `fedkd.session.messages`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.annotation.document import CaseId, Code, PointLps, Reading


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


class _Request(_Message):
    id: int


class WorklistRequest(_Request):
    """An observer's cases; in a blind study in an order of the observer's own. Answered with `WorklistAnswer`."""

    do: Literal["worklist"]
    cts: Path
    readings: Path
    observer: Code
    blind: bool


class OpenReadingRequest(_Request):
    """Begin a reading, or go on with a draft. Answered with `ReadingOpenedAnswer`; an open case is closed."""

    do: Literal["open_reading"]
    ct: Path
    readings: Path
    observer: Code
    site: Code
    case: CaseId
    number: int
    blind: bool
    protocol_version: str


class SaveReadingRequest(_Request):
    """Save the draft. Answered with `ReadingSavedAnswer`."""

    do: Literal["save_reading"]
    reading: Reading


class FinishReadingRequest(_Request):
    """Write the point sets and end the reading. Answered with `ReadingSavedAnswer`."""

    do: Literal["finish_reading"]
    reading: Reading


class ImportPointsRequest(_Request):
    """Read points for the open reading, which must not be blind: .mps, .mrk.json, or a case folder.

    ``order``: names of the points of a .mps in their order; empty: the study's. Answered with `ImportedAnswer`.
    """

    do: Literal["import_points"]
    path: Path
    order: tuple[str, ...] = ()


class WorklistLine(_Message):
    """A case: ``number`` of the reading that is next or under way, ``done``: how many were finished."""

    case: str
    ct: Path
    number: int
    state: Literal["new", "draft"]
    done: int


class WorklistAnswer(_Message):
    """The cases, in the order in which they are to be read."""

    id: int
    worklist: tuple[WorklistLine, ...]


class ReadingOpenedAnswer(_Message):
    """The reading. ``ct_file`` is one file that any program reads; it stays as long as the session."""

    id: int
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    reading: Reading
    folder: Path
    ct_file: Path


class ReadingSavedAnswer(_Message):
    """The reading as it was saved."""

    id: int
    saved_reading: Reading
    folder: Path


class ImportedAnswer(_Message):
    """The points of a file, and what a person should know about how they were read."""

    id: int
    imported: dict[str, PointLps]
    file: str
    order: tuple[str, ...]
    notes: tuple[str, ...]
