"""A reading on disk: a draft saved at every step, and under the study's names only once it is finished."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fedkd import __version__
from fedkd.anatomy import LANDMARK_NAMES, STUDY_ORDERS
from fedkd.annotation.document import Reading
from fedkd.atomic import write_text_atomically, writing_error
from fedkd.case.layout import LANDMARKS_FILE, LOCKS_FOLDER
from fedkd.case.reader_documents import Wording, held_for_one, read_document
from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import PointList, write_points, write_study_point_sets

DRAFT_FILE = "draft.json"
READING_FILE = "reading.json"
_WORDING = Wording("reading", "read the case", most_bytes=5_000_000)


@dataclass(frozen=True)
class ReadingPlace:
    """Where a reading lies.

    Args:
        readings: the study's folder.
        observer: a code; `document.Code` has its form, which no path can hide in.
        case: name of the case.
        number: 1 for the first reading of this case by this observer.
    """

    readings: Path
    observer: str
    case: str
    number: int

    @property
    def reader(self) -> str:
        """The reader's folder: the observer, and from the second reading on its number."""
        return self.observer if self.number == 1 else f"{self.observer}.{self.number}"

    @property
    def folder(self) -> Path:
        """The reading."""
        return self.readings / self.reader / self.case

    @property
    def lock_file(self) -> Path:
        """Held while the reading is open."""
        return self.readings / LOCKS_FOLDER / f"{self.reader}~{self.case}.lock"


@contextlib.contextmanager
def reading_lock(place: ReadingPlace) -> Iterator[None]:
    """Hold a reading; the system frees the lock of a process that dies.

    Raises:
        FedkdError: CASE_LOCKED, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    in_use = FedkdError(
        ExitCode.CASE_LOCKED,
        f"This reading of case {place.case} is open in another window.",
        where=place.folder,
        what_to_do="Close it there first.",
    )
    _make_folder(place.readings)
    with held_for_one(place.lock_file, in_use):
        yield


def read_reading(place: ReadingPlace) -> Reading | None:
    """Return a reading, finished or a draft; None where there is none.

    Raises:
        FedkdError: INPUT_UNREADABLE when it is damaged: nobody's work is taken for none.
    """
    for name in (READING_FILE, DRAFT_FILE):
        path = place.folder / name
        if path.exists():
            return read_document(path, Reading, _WORDING)
    return None


def save_reading(place: ReadingPlace, reading: Reading) -> Reading:
    """Save a draft; return it as saved.

    Raises:
        FedkdError: CASE_EXISTS when the reading is finished already; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    _require_unfinished(place)
    saved = _stamped(reading).model_copy(update={"status": "draft"})
    _make_folder(place.folder)
    write_text_atomically(place.folder / DRAFT_FILE, saved.model_dump_json(indent=1) + "\n")
    return saved


def finish_reading(place: ReadingPlace, reading: Reading) -> Reading:
    """Write the point sets, the labeled points and reading.json, which ends the reading; return it as written.

    A set with a landmark that cannot be determined is not written under the study's name.

    Raises:
        FedkdError: POINTS_INVALID when a landmark is still open; CASE_EXISTS when the reading is finished already;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    _require_unfinished(place)
    open_ones = [one.label for one in reading.landmarks if one.state == "open"]
    if open_ones:
        raise FedkdError(
            ExitCode.POINTS_INVALID,
            f"The reading is not complete: {', '.join(open_ones)}.",
            where=place.folder,
            what_to_do='Place the landmark, or say with a reason that it "cannot be determined".',
        )
    _make_folder(place.folder)
    placed = reading.positions_lps_mm
    points = PointList.from_positions({label: placed.get(label) for label in LANDMARK_NAMES})
    for name in STUDY_ORDERS:  # of a finish that was cut short
        (place.folder / name).unlink(missing_ok=True)
    write_points(place.folder / LANDMARKS_FILE, points)
    write_study_point_sets(place.folder, points)
    finished = Reading.model_validate({**dict(_stamped(reading)), "status": "finished"})
    write_text_atomically(place.folder / READING_FILE, finished.model_dump_json(indent=1) + "\n")
    (place.folder / DRAFT_FILE).unlink(missing_ok=True)
    return finished


def _stamped(reading: Reading) -> Reading:
    return reading.model_copy(update={"saved_utc": datetime.now(UTC), "software": f"fedkd {__version__}"})


def _require_unfinished(place: ReadingPlace) -> None:
    if (place.folder / READING_FILE).exists():
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            f"Reading {place.number} of case {place.case} is finished and stays as it is.",
            where=place.folder,
            what_to_do="Begin another reading of the case.",
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(folder, error) from error
