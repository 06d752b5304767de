"""A review on disk. The landmarks are written first: whatever ends a save early, no point is called accepted unseen."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from fedkd import __version__
from fedkd.atomic import write_text_atomically
from fedkd.case.layout import LANDMARKS_FILE, LOCKS_FOLDER, REVIEW_FILE
from fedkd.case.placed_points import seven_landmarks
from fedkd.case.provenance import PointRecord, Provenance, require_provenance
from fedkd.case.reader_documents import Wording, held_for_one, read_document
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import is_same_place
from fedkd.pointsets import LandmarkPoint, LpsPosition, PointList, read_points, write_points
from fedkd.review.document import LandmarkReview, PointState, ReviewDocument, ReviewEvent

_WORDING = Wording("review of this case", "review the case", most_bytes=20_000_000)
_DEFAULT_THRESHOLD = "lumen+100"


def review_lock(folder: Path) -> AbstractContextManager[None]:
    """Hold the case for one reader; the system frees the lock of a process that dies.

    Raises:
        FedkdError: CASE_LOCKED, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    in_use = FedkdError(
        ExitCode.CASE_LOCKED,
        f"Case {folder.name} is open in another window, or another reader has it.",
        where=folder,
        what_to_do="Close it there first.",
    )
    return held_for_one(folder.parent / LOCKS_FOLDER / f"{folder.name}.review.lock", in_use)


def read_review(folder: Path) -> ReviewDocument | None:
    """Return the review in a case folder; None where there is none.

    Raises:
        FedkdError: INPUT_UNREADABLE when it is damaged: nobody's work is taken for none.
    """
    path = folder / REVIEW_FILE
    return read_document(path, ReviewDocument, _WORDING) if path.exists() else None


def review_sha256(folder: Path) -> str | None:
    """Return the hash of the review in a case folder as it is on disk; None where there is none."""
    path = folder / REVIEW_FILE
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def open_review(folder: Path) -> ReviewDocument:
    """Return the review of a case, a new one where there is none, in agreement with landmarks.mrk.json.

    A point that lies elsewhere in that file than in the review was moved by other means, or a save was cut short: it
    counts as corrected, and is to be accepted again.

    Raises:
        FedkdError: INPUT_NOT_FOUND when this is no case folder; INPUT_UNREADABLE; those of `read_points`.
    """
    provenance = require_provenance(folder)
    points = seven_landmarks(read_points(folder / LANDMARKS_FILE))
    saved = read_review(folder)
    return _begin(folder.name, provenance, points) if saved is None else _agreeing(saved, points)


def moved_since_review(review: ReviewDocument, points: PointList) -> tuple[str, ...]:
    """Return the labels of landmarks that lie elsewhere in landmarks.mrk.json than where the review has them.

    Args:
        review: as saved.
        points: the seven landmarks of the case.
    """
    return tuple(
        one.label
        for one in review.landmarks
        if not is_same_place(one.position_lps_mm, points.position_lps_mm(one.label))
    )


def save_review(folder: Path, review: ReviewDocument) -> ReviewDocument:
    """Write the landmarks, where they moved, and the review; return it as saved.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL; those of `read_points` when the case is gone.
    """
    points = seven_landmarks(read_points(folder / LANDMARKS_FILE))
    moved = _moved(points, review, require_provenance(folder))
    if moved != points:
        write_points(folder / LANDMARKS_FILE, moved)
    saved = review.model_copy(update={"saved_utc": datetime.now(UTC), "software": f"fedkd {__version__}"})
    write_text_atomically(folder / REVIEW_FILE, saved.model_dump_json(indent=1) + "\n")
    return saved


def _begin(case_id: str, provenance: Provenance, points: PointList) -> ReviewDocument:
    now = datetime.now(UTC)
    records = {record.label: record for record in provenance.landmarks}
    measured = provenance.measurement
    return ReviewDocument(
        case=case_id,
        model_id=None if provenance.model is None else provenance.model.id,
        calcium_threshold=_DEFAULT_THRESHOLD if measured is None else measured.calcium_threshold,
        landmarks=tuple(
            LandmarkReview(
                label=point.label,
                state=_first_state(point.position_lps_mm, records.get(point.label)),
                position_lps_mm=point.position_lps_mm,
            )
            for point in points
        ),
        started_utc=now,
        saved_utc=now,
        software=f"fedkd {__version__}",
    )


def _first_state(position_lps_mm: LpsPosition | None, record: PointRecord | None) -> PointState:
    if position_lps_mm is None:
        return "missing"
    first = None if record is None else record.first_lps_mm
    return "predicted" if is_same_place(first, position_lps_mm) else "corrected"


def _agreeing(review: ReviewDocument, points: PointList) -> ReviewDocument:
    moved = moved_since_review(review, points)
    if not moved:
        return review
    landmarks = tuple(
        _found_at(one.label, points.position_lps_mm(one.label)) if one.label in moved else one
        for one in review.landmarks
    )
    event = ReviewEvent(
        utc=datetime.now(UTC), reader="", action=f"Found elsewhere in {LANDMARKS_FILE}: {', '.join(moved)}"
    )
    undecided = {"decision": "open", "decided_by": "", "decided_utc": None}
    return review.model_copy(update={"landmarks": landmarks, "events": (*review.events, event)} | undecided)


def _found_at(label: str, position_lps_mm: LpsPosition | None) -> LandmarkReview:
    state: PointState = "missing" if position_lps_mm is None else "corrected"
    return LandmarkReview(label=label, state=state, position_lps_mm=position_lps_mm)


def _moved(points: PointList, review: ReviewDocument, provenance: Provenance) -> PointList:
    wanted = review.positions_lps_mm
    records = {record.label: record for record in provenance.landmarks}
    return PointList(
        tuple(
            point
            if is_same_place(point.position_lps_mm, wanted.get(point.label))
            else _placed(point.label, wanted.get(point.label), records.get(point.label))
            for point in points
        ),
        points.notes,
    )


def _placed(label: str, position_lps_mm: LpsPosition | None, record: PointRecord | None) -> LandmarkPoint:
    """Return a point where a reader wants it; only where it first was, what a model knew of it holds again."""
    back = record is not None and position_lps_mm is not None and is_same_place(record.first_lps_mm, position_lps_mm)
    if record is None or not back:
        return LandmarkPoint(label, position_lps_mm)
    return LandmarkPoint(
        label,
        record.first_lps_mm,
        record.confidence,
        record.description,
        spread_mm=record.spread_mm,
        is_calibrated=record.confidence_level is not None,
    )
