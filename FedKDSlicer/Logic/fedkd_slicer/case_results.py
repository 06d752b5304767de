"""What a finished case folder says, read once and turned into Slicer's RAS coordinates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.layout import CALCIFICATION_FILE, LANDMARKS_FILE, PROVENANCE_FILE
from fedkd.case.provenance import CaseFile
from fedkd.confidence import Confidence
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.document import MeasurementsDocument
from fedkd.measurement.moved import moved_since_measured
from fedkd.pointsets import PointList, read_points
from fedkd_slicer.measured_case import MeasuredCase, read_measured_case
from fedkd_slicer.view_planes import FloatArray


@dataclass(frozen=True)
class CaseResults:
    """The files of one case and what the views need to know of their content.

    Args:
        case_id: name of the case, as shown and as used for nodes.
        ct_file: the CT, in any format that Slicer reads as one file.
        landmarks_file: ``.mrk.json``.
        calcification_file: ``.seg.nrrd`` in the CT's grid; the segment may be empty.
        positions_ras_mm: landmark name -> RAS mm, shape (3,); only landmarks that were found.
        confidences: landmark name -> confidence, of points that a model found.
        model_id: the model that made the results; None where people placed the landmarks.
        notes: what a reader should know, one sentence each.
        measured: what was measured, where the folder says so.
        moved: landmarks that lie elsewhere than they did when the measurements were made.
        outlines: head -> ``.seg.nrrd``, of heads that are not ours, as far as the files are there.
    """

    case_id: str
    ct_file: Path
    landmarks_file: Path
    calcification_file: Path
    positions_ras_mm: dict[str, FloatArray]
    confidences: dict[str, Confidence]
    model_id: str | None
    notes: tuple[str, ...]
    measured: MeasuredCase = field(default_factory=MeasuredCase)
    moved: tuple[str, ...] = ()
    outlines: dict[str, Path] = field(default_factory=dict)

    @property
    def not_found(self) -> tuple[str, ...]:
        """Landmarks without a position, in anatomy order."""
        return tuple(name for name in LANDMARK_NAMES if name not in self.positions_ras_mm)

    @property
    def landmark_source(self) -> str | None:
        """Who placed or corrected landmarks, where it was not the model alone and the measurements say so."""
        document = self.measured.document
        if document is None:
            return None
        return document.landmark_source.removeprefix(f"model {self.model_id}").removeprefix("; ") or None


def read_case_results(case_folder: Path, ct_file: Path) -> CaseResults:
    """Read a case folder.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE or POINTS_INVALID.
    """
    landmarks_file = _existing(case_folder / LANDMARKS_FILE)
    calcification_file = _existing(case_folder / CALCIFICATION_FILE)
    origin = _read_origin(case_folder / PROVENANCE_FILE)
    points = read_points(landmarks_file)
    measured = read_measured_case(case_folder)
    return CaseResults(
        case_id=origin.case,
        ct_file=_existing(ct_file),
        landmarks_file=landmarks_file,
        calcification_file=calcification_file,
        positions_ras_mm=_positions_ras_mm(points),
        confidences=_confidences(points, measured.document),
        model_id=None if origin.model is None else origin.model.id,
        notes=origin.notes,
        measured=measured,
        moved=() if measured.document is None else moved_since_measured(measured.document, points),
        outlines={one.head: case_folder / one.file for one in origin.outlines if (case_folder / one.file).is_file()},
    )


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "A file that the scene is built from is missing.",
            where=path,
            what_to_do="Run the prediction of this case again.",
        )
    return path


def _confidences(points: PointList, document: MeasurementsDocument | None) -> dict[str, Confidence]:
    # The file still holds the model's confidence in a point that a reader has moved; the measurements do not.
    known: dict[str, Confidence | None] = {point.label: point.judged for point in points}
    if document is not None:
        known |= {label: record.judged for label, record in document.landmarks.items()}
    return {label: confidence for label, confidence in known.items() if confidence is not None}


def _positions_ras_mm(points: PointList) -> dict[str, FloatArray]:
    found = points.defined_positions_lps_mm()
    return {name: np.array(found[name]) * LPS_TO_RAS for name in LANDMARK_NAMES if name in found}


class _Model(BaseModel):
    id: str


class _Outline(BaseModel):
    head: str
    file: CaseFile


class _Origin(BaseModel):
    """The part of provenance.json that scene and views show; whatever else it says is no concern here."""

    case: str
    model: _Model | None = None
    notes: tuple[str, ...] = ()
    outlines: tuple[_Outline, ...] = ()


def _read_origin(path: Path) -> _Origin:
    try:
        return _Origin.model_validate_json(_existing(path).read_bytes())
    except ValidationError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "The provenance of the case is damaged.",
            where=path,
            what_to_do="Run the prediction of this case again.",
        ) from error
