"""A case that a reader has open: its CT in memory, its review locked."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from fedkd.case.calcified_box import cut_to_box
from fedkd.case.layout import CALCIFICATION_FILE, LANDMARKS_FILE, MEASUREMENTS_FILE, SHAPES_FILE
from fedkd.case.marked_calcium import read_marks
from fedkd.case.placed_points import seven_landmarks
from fedkd.case.provenance import require_provenance
from fedkd.case.segmentation_file import read_calcified_box
from fedkd.cohort.ct_of_case import CaseCt, ct_of_case
from fedkd.confidence import Confidence
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.after_drag import DragSession
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.measurement.document import MeasurementsDocument, ShapesDocument
from fedkd.measurement.marked import as_measured
from fedkd.measurement.measure import MeasureOptions, measure_root
from fedkd.pointsets import read_points
from fedkd.review import open_review, review_lock, save_review
from fedkd.session.calcified_boxes import CalcifiedBoxes
from fedkd.session.lines import finding_lines, quantity_lines
from fedkd.session.messages import (
    FollowedAnswer,
    FollowRequest,
    LandmarkLine,
    MeasuredAnswer,
    MeasureRequest,
    OpenedAnswer,
    OpenRequest,
    SavedAnswer,
    SaveRequest,
)

_MOST_BYTES = 20_000_000


class OpenCase:
    """One case.

    Args:
        request: which.
        scratch: an empty folder for copies; it goes away with the session.

    Raises:
        FedkdError: CASE_LOCKED when another reader has it; INPUT_NOT_FOUND; CT_DIFFERS; those of reading its files.
    """

    def __init__(self, request: OpenRequest, scratch: Path) -> None:
        self._folder = request.case.resolve()
        self._boxes = CalcifiedBoxes(scratch)
        self._request_id = request.id
        with contextlib.ExitStack() as opening:
            opening.enter_context(review_lock(self._folder))
            self._review = open_review(self._folder)
            self._provenance = require_provenance(self._folder)
            self._first_points = seven_landmarks(read_points(self._folder / LANDMARKS_FILE))
            self._ct: CaseCt = ct_of_case(self._folder, self._provenance.input, request.ct, scratch)
            self._marks = read_marks(self._folder, self._provenance, self._ct.volume.grid)
            self._session = DragSession(self._ct.volume.image, self._confidences({}))
            self._held = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let another reader have the case."""
        self._held.close()

    def opened(self) -> OpenedAnswer:
        """Return all that a panel shows of the case.

        Raises:
            FedkdError: the calcification is damaged, or the disk is full.
        """
        document = _document(self._folder)
        file = self._folder / CALCIFICATION_FILE
        return OpenedAnswer(
            id=self._request_id,
            case=self._folder.name,
            folder=self._folder,
            model_id=None if self._provenance.model is None else self._provenance.model.id,
            notes=self._provenance.notes,
            landmarks=self._landmark_lines(),
            review=self._review,
            quantities=() if document is None else quantity_lines(document.quantities),
            findings=() if document is None else finding_lines(document.findings),
            shapes=_shapes(self._folder),
            ct_file=self._ct.files.single,
            calcification_file=self._boxes.write(read_calcified_box(file)) if file.is_file() else None,
        )

    def follow(self, request: FollowRequest) -> FollowedAnswer:
        """Measure what follows the landmarks."""
        followed = self._session.follow(request.points_lps_mm, self._confidences(request.points_lps_mm))
        return FollowedAnswer(
            id=request.id,
            quantities=quantity_lines(followed.quantities),
            findings=finding_lines(followed.findings),
            shapes=ShapesDocument.of(followed.shapes),
        )

    def measure(self, request: MeasureRequest) -> MeasuredAnswer:
        """Measure everything, with the calcium of this threshold.

        Raises:
            FedkdError: USAGE for a threshold that is none.
        """
        options = MeasureOptions(_threshold(request.calcium_threshold), self._confidences(request.points_lps_mm))
        measured = measure_root(self._ct.volume, request.points_lps_mm, as_measured(self._marks), options)
        calcification = None if measured.calcium is None else self._boxes.write(cut_to_box(measured.calcium))
        return MeasuredAnswer(
            id=request.id,
            quantities=quantity_lines(measured.measurements.quantities),
            findings=finding_lines(measured.measurements.findings),
            shapes=ShapesDocument.of(measured.measurements.shapes),
            calcification_file=calcification,
        )

    def save(self, request: SaveRequest) -> SavedAnswer:
        """Save the review.

        Raises:
            FedkdError: USAGE for the review of another case; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        if request.review.case != self._folder.name:
            raise FedkdError(
                ExitCode.USAGE,
                f"This is the review of case {request.review.case}.",
                where=self._folder,
                what_to_do="Open that case to save it.",
            )
        self._review = save_review(self._folder, request.review)
        return SavedAnswer(id=request.id, saved=self._review)

    def _confidences(self, points_lps_mm: dict[str, tuple[float, float, float]]) -> dict[str, Confidence]:
        """Return the model's confidences; a point that was moved has none."""
        moved = {label for label, position in points_lps_mm.items() if not self._is_first(label, position)}
        known = self._first_points.confidences()
        return {label: confidence for label, confidence in known.items() if label not in moved}

    def _is_first(self, label: str, position_lps_mm: tuple[float, float, float]) -> bool:
        first = self._first_points.position_lps_mm(label)
        return first is not None and max(abs(a - b) for a, b in zip(first, position_lps_mm, strict=True)) < 0.01

    def _landmark_lines(self) -> tuple[LandmarkLine, ...]:
        records = {record.label: record for record in self._provenance.landmarks}
        return tuple(
            LandmarkLine(
                label=point.label,
                position_lps_mm=point.position_lps_mm,
                first_lps_mm=records[point.label].first_lps_mm if point.label in records else None,
                confidence=point.confidence,
                confidence_level=point.confidence_level,
                confidence_text="" if point.judged is None else str(point.judged),
                spread_mm=point.spread_mm,
                description=point.description,
                placed_by=records[point.label].placed_by if point.is_defined and point.label in records else None,
            )
            for point in self._first_points
        )


def _document(folder: Path) -> MeasurementsDocument | None:
    raw = _small_file(folder / MEASUREMENTS_FILE)
    try:
        return None if raw is None else MeasurementsDocument.model_validate_json(raw)
    except ValidationError:
        return None  # a reader sees that there are none, and measures again


def _shapes(folder: Path) -> ShapesDocument | None:
    raw = _small_file(folder / SHAPES_FILE)
    try:
        return None if raw is None else ShapesDocument.model_validate_json(raw)
    except ValidationError:
        return None


def _small_file(path: Path) -> bytes | None:
    """Return a file's content; a pipe under that name would keep us waiting."""
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    return path.read_bytes()


def _threshold(text: str) -> CalciumThreshold:
    try:
        return CalciumThreshold(text)
    except ValueError as error:
        raise FedkdError(
            ExitCode.USAGE, f"{error}.", where="calcium threshold", what_to_do="Choose another threshold."
        ) from error
