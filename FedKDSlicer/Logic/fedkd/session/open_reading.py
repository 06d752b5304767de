"""A reading that an observer has open."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from fedkd import __version__
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.annotation import (
    ObservedLandmark,
    Reading,
    ReadingPlace,
    finish_reading,
    read_reading,
    reading_lock,
    save_reading,
    shuffled,
    worklist,
)
from fedkd.case.layout import LANDMARKS_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import printable
from fedkd.pointsets import read_points
from fedkd.session.reading_doubts import reading_doubts
from fedkd.session.reading_messages import (
    FinishReadingRequest,
    ImportedAnswer,
    ImportPointsRequest,
    OpenReadingRequest,
    ReadingOpenedAnswer,
    ReadingSavedAnswer,
    SaveReadingRequest,
    WorklistAnswer,
    WorklistLine,
    WorklistRequest,
)
from fedkd.volumes import CtVolume, as_one_file, read_ct


def answer_worklist(request: WorklistRequest) -> WorklistAnswer:
    """Return an observer's cases.

    Raises:
        FedkdError: INPUT_NOT_FOUND when there is no CT.
    """
    items = worklist(request.cts, request.readings, request.observer)
    if request.blind:
        items = shuffled(items, request.observer)
    return WorklistAnswer(id=request.id, worklist=tuple(WorklistLine(**vars(item)) for item in items))


class OpenReading:
    """One reading, locked.

    Args:
        request: which.
        scratch: an empty folder for copies; it goes away with the session.

    Raises:
        FedkdError: CASE_LOCKED; CASE_EXISTS when it is finished; CT_DIFFERS when the draft is of another CT; those of
            reading the CT.
    """

    def __init__(self, request: OpenReadingRequest, scratch: Path) -> None:
        self._place = ReadingPlace(request.readings, request.observer, request.case, request.number)
        with contextlib.ExitStack() as opening:
            opening.enter_context(reading_lock(self._place))
            ct = read_ct(request.ct, None)
            self._grid = ct.grid
            self._reading = self._begun(request, ct)
            self._opened = ReadingOpenedAnswer(
                id=request.id, reading=self._reading, folder=self._place.folder, ct_file=as_one_file(ct, scratch)
            )
            self._held = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let another window have the reading."""
        self._held.close()

    def opened(self) -> ReadingOpenedAnswer:
        """Return what a panel shows."""
        return self._opened

    def save(self, request: SaveReadingRequest) -> ReadingSavedAnswer:
        """Save the draft.

        Raises:
            FedkdError: USAGE for another reading; those of `save_reading`.
        """
        self._require_same(request.reading)
        self._reading = save_reading(self._place, request.reading)
        placed = {one.label: one.position_lps_mm for one in self._reading.landmarks if one.position_lps_mm is not None}
        return ReadingSavedAnswer(
            id=request.id,
            saved_reading=self._reading,
            folder=self._place.folder,
            doubts=reading_doubts(placed, self._grid),
        )

    def finish(self, request: FinishReadingRequest) -> ReadingSavedAnswer:
        """Write the point sets and end the reading.

        Raises:
            FedkdError: USAGE for another reading; those of `finish_reading`.
        """
        self._require_same(request.reading)
        self._reading = finish_reading(self._place, request.reading)
        return ReadingSavedAnswer(id=request.id, saved_reading=self._reading, folder=self._place.folder)

    def import_points(self, request: ImportPointsRequest) -> ImportedAnswer:
        """Read points from a file.

        Raises:
            FedkdError: USAGE in a blind reading; those of `read_points`.
        """
        if self._reading.blind:
            raise FedkdError(
                ExitCode.USAGE,
                "This reading is blind: no points can be loaded into it.",
                where=self._place.case,
                what_to_do="Place the landmarks, or begin a reading that is not blind.",
            )
        path = request.path / LANDMARKS_FILE if request.path.is_dir() else request.path
        points = read_points(path, request.order or None)
        found = points.defined_positions_lps_mm()
        return ImportedAnswer(
            id=request.id,
            imported={label: found[label] for label in LANDMARK_NAMES if label in found},
            file=printable(path.name),
            order=points.labels,
            notes=(*points.notes, *reading_doubts(found, self._grid)),
        )

    def _begun(self, request: OpenReadingRequest, ct: CtVolume) -> Reading:
        earlier = read_reading(self._place)
        if earlier is None:
            return _new_reading(request, ct)
        if earlier.status == "finished":
            raise FedkdError(
                ExitCode.CASE_EXISTS,
                f"Reading {request.number} of case {request.case} is finished and stays as it is.",
                where=self._place.folder,
                what_to_do="Begin another reading of the case.",
            )
        if earlier.ct_sha256 != ct.source.sha256:
            raise FedkdError(
                ExitCode.CT_DIFFERS,
                "The draft of this reading was made on another CT.",
                where=request.ct,
                what_to_do="Choose the folder with the study's CTs, or move the draft away.",
            )
        if earlier.blind != request.blind:
            raise FedkdError(
                ExitCode.USAGE,
                f"The draft of this reading was begun {'blind' if earlier.blind else 'with others in view'}.",
                where=self._place.folder,
                what_to_do="Go on as it was begun, or move the draft away.",
            )
        return earlier

    def _require_same(self, reading: Reading) -> None:
        fixed = ("observer", "site", "case", "number", "blind", "ct_sha256", "series_uid_sha256")
        if any(getattr(reading, name) != getattr(self._reading, name) for name in fixed):
            raise FedkdError(
                ExitCode.USAGE,
                "This is another reading than the one that is open.",
                where=self._place.folder,
                what_to_do="Open that reading to save it.",
            )


def _new_reading(request: OpenReadingRequest, ct: CtVolume) -> Reading:
    now = datetime.now(UTC)
    uid = ct.source.series_instance_uid
    return Reading(
        observer=request.observer,
        site=request.site,
        case=request.case,
        number=request.number,
        blind=request.blind,
        protocol_version=request.protocol_version,
        software=f"fedkd {__version__}",
        ct_sha256=ct.source.sha256,
        series_uid_sha256=None if uid is None else hashlib.sha256(uid.encode()).hexdigest(),
        landmarks=tuple(ObservedLandmark(label=label) for label in LANDMARK_NAMES),
        started_utc=now,
        saved_utc=now,
    )
