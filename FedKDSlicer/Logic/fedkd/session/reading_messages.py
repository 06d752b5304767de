"""Requests and answers for the annotation of the inter-observer study, beside those of `fedkd.session.messages`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.annotation.document import CaseId, Code, Reading
from fedkd.case.reader_documents import PointLps
from fedkd.session.message import EngineMessage, EngineRequest


class WorklistRequest(EngineRequest):
    """An observer's cases; in a blind study in an order of the observer's own. Answered with `WorklistAnswer`."""

    do: Literal["worklist"]
    cts: Path
    readings: Path
    observer: Code
    blind: bool


class OpenReadingRequest(EngineRequest):
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


class SaveReadingRequest(EngineRequest):
    """Save the draft. Answered with `ReadingSavedAnswer`."""

    do: Literal["save_reading"]
    reading: Reading


class FinishReadingRequest(EngineRequest):
    """Write the point sets and end the reading. Answered with `ReadingSavedAnswer`."""

    do: Literal["finish_reading"]
    reading: Reading


class ImportPointsRequest(EngineRequest):
    """Read points for the open reading, which must not be blind: .mps, .mrk.json, or a case folder.

    ``order``: names of the points of a .mps in their order; empty: the study's. Answered with `ImportedAnswer`.
    """

    do: Literal["import_points"]
    path: Path
    order: tuple[str, ...] = ()


class WorklistLine(EngineMessage):
    """A case: ``number`` of the reading that is next or under way, ``done``: how many were finished."""

    case: str
    ct: Path
    number: int
    state: Literal["new", "draft"]
    done: int


class WorklistAnswer(EngineMessage):
    """The cases, in the order in which they are to be read."""

    id: int
    worklist: tuple[WorklistLine, ...]


class ReadingOpenedAnswer(EngineMessage):
    """The reading. ``ct_file`` is one file that any program reads; it stays as long as the session."""

    id: int
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    reading: Reading
    folder: Path
    ct_file: Path


class ReadingSavedAnswer(EngineMessage):
    """The reading as it was saved. ``doubts``: what speaks for exchanged points, a sentence each."""

    id: int
    saved_reading: Reading
    folder: Path
    doubts: tuple[str, ...] = ()


class ImportedAnswer(EngineMessage):
    """The points of a file, and what a person should know about how they were read."""

    id: int
    imported: dict[str, PointLps]
    file: str
    order: tuple[str, ...]
    notes: tuple[str, ...]
