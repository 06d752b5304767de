"""What a case folder holds that the report shows. Folders come from anyone: all is checked, much is optional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.layout import LANDMARKS_FILE, MEASUREMENTS_FILE, PROVENANCE_FILE, SHAPES_FILE
from fedkd.case.placed_points import seven_landmarks
from fedkd.case.provenance import PlacedBy
from fedkd.confidence import Calibration
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.document import LandmarkRecord, MeasurementsDocument, ShapesDocument
from fedkd.measurement.moved import moved_since_measured
from fedkd.measurement.shapes import Shapes
from fedkd.pointsets import LandmarkPoint, PointList, read_points
from fedkd.review import ReviewDocument, moved_since_review, read_review

_MEASURE_AGAIN = "Measure the case again."
_Document = TypeVar("_Document", bound=BaseModel)


class _Shown(BaseModel):
    """The part of provenance.json that the report shows; whatever else it says is no concern here."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), allow_inf_nan=False)


class ShownInput(_Shown):
    """The CT."""

    name: str
    format: str = ""
    sha256: str = ""
    size_xyz: tuple[int, int, int] | None = None
    spacing_mm: tuple[float, float, float] | None = None


class ShownMember(_Shown):
    """One of several models that voted."""

    id: str
    sha256: str = ""


class ShownModel(ShownMember):
    """The network's weights."""

    members: tuple[ShownMember, ...] = ()


class ShownPoint(_Shown):
    """Who placed a landmark; None: nobody."""

    label: str
    placed_by: PlacedBy = "model"
    first_lps_mm: tuple[float, float, float] | None = None


class ShownOutline(_Shown):
    """What a head that is not ours outlined."""

    file: str
    looked_at_side_mm: float


class ShownMeasurement(_Shown):
    """How measuring went; ``reason`` says why it failed."""

    reason: str = ""
    measured_utc: datetime | None = None


class Origin(_Shown):
    """Where the results come from."""

    case: str | None = None
    input: ShownInput | None = None
    model: ShownModel | None = None
    heart_source: str | None = None
    calibration: Calibration | None = None
    landmark_files: tuple[str, ...] = ()
    landmarks: tuple[ShownPoint, ...] = ()
    measurement: ShownMeasurement | None = None
    versions: dict[str, str] = {}
    outlines: tuple[ShownOutline, ...] = ()
    notes: tuple[str, ...] = ()
    started_utc: datetime | None = None

    def placed(self, label: str) -> ShownPoint | None:
        """Return what is known of how a landmark was placed; None: nothing."""
        return next((point for point in self.landmarks if point.label == label), None)

    def placed_by(self, label: str) -> PlacedBy:
        """Return who placed a landmark."""
        known = self.placed(label)
        return None if known is None else known.placed_by


@dataclass(frozen=True)
class CaseContent:
    """All that the report says, as read.

    Args:
        folder: the case folder.
        case_id: name of the case.
        origin: provenance; empty where there is none.
        points: the seven landmarks in their fixed order.
        measured: None when nothing was measured.
        shapes: what to draw; empty when nothing was measured.
        moved: landmarks that lie elsewhere than they did when the measurements were made.
        review: what a reader decided; None: nobody has reviewed the case.
        moved_since_review: landmarks that lie elsewhere than where the reader left them.
    """

    folder: Path
    case_id: str
    origin: Origin
    points: PointList
    measured: MeasurementsDocument | None
    shapes: Shapes
    moved: tuple[str, ...]
    review: ReviewDocument | None = None
    moved_since_review: tuple[str, ...] = ()


def read_content(folder: Path) -> CaseContent:
    """Read what there is in a case folder.

    Raises:
        FedkdError: INPUT_NOT_FOUND when it has neither landmarks nor measurements; INPUT_UNREADABLE or POINTS_INVALID
            when a file is damaged.
    """
    origin = _read(Origin, folder / PROVENANCE_FILE) or Origin()
    measured = _read(MeasurementsDocument, folder / MEASUREMENTS_FILE)
    shapes = _read(ShapesDocument, folder / SHAPES_FILE)
    landmarks_file = folder / LANDMARKS_FILE
    placed = read_points(landmarks_file) if landmarks_file.is_file() else None
    if placed is None and measured is None:
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "There is nothing to report: neither landmarks nor measurements.",
            where=folder,
            what_to_do="Name the folder of a predicted or measured case.",
        )
    review = read_review(folder)
    return CaseContent(
        folder=folder,
        case_id=origin.case or (measured.case if measured else folder.resolve().name),
        origin=origin,
        points=_points(placed, measured),
        measured=measured,
        shapes=shapes.shapes() if shapes else Shapes(),
        moved=() if placed is None or measured is None else moved_since_measured(measured, placed),
        review=review,
        moved_since_review=()
        if review is None
        else moved_since_review(review, seven_landmarks(placed or PointList(()))),
    )


def _read(document: type[_Document], path: Path) -> _Document | None:
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no file")  # a pipe would keep us waiting
        return document.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "A file that the report is made from is damaged.",
            where=path,
            what_to_do=_MEASURE_AGAIN,
        ) from error


def _points(placed: PointList | None, measured: MeasurementsDocument | None) -> PointList:
    """Return the seven landmarks, at the places that the measurements rest on."""
    points = []
    for name in LANDMARK_NAMES:
        point = placed[name] if placed is not None and name in placed else LandmarkPoint(name, None)
        record = measured.landmarks.get(name) if measured else None
        points.append(point if record is None else _as_measured(point, record))
    return PointList(tuple(points))


def _as_measured(point: LandmarkPoint, record: LandmarkRecord) -> LandmarkPoint:
    # The file may still hold what the model thought of a point that a reader has moved; the measurements do not.
    try:
        return LandmarkPoint(
            point.label,
            record.position_lps_mm,
            record.confidence,
            point.description,
            record.spread_mm,
            is_calibrated=record.confidence_level is not None,
        )
    except ValueError as error:
        raise FedkdError(
            ExitCode.POINTS_INVALID,
            f"A landmark of the measurements is wrong: {error}.",
            where=MEASUREMENTS_FILE,
            what_to_do=_MEASURE_AGAIN,
        ) from error
