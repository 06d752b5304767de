"""What a session answers when a case is opened, as the engine itself writes it, without an engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.cohort.messages import FindingLine
from fedkd.confidence import Confidence
from fedkd.measurement.catalog import CUSP_OVERLAP, THREE_CUSP
from fedkd.measurement.document import ShapesDocument, ViewRecord
from fedkd.measurement.quantity import Quantity
from fedkd.review import LandmarkReview, ReviewDocument
from fedkd.session.lines import quantity_lines
from fedkd.session.messages import LandmarkLine, OpenedAnswer

MODEL_ID = "embedded-0123456789ab"
# One of each word; RCO is missing.
CONFIDENCES = {
    "RCC": Confidence(0.98, True),
    "LCC": Confidence(0.72, True),
    "NCC": Confidence(0.31, True),
    "LCO": Confidence(0.66, False),
    "MS1": Confidence(0.98, True),
    "MS2": Confidence(0.98, True),
}
MISSING = "RCO"
POSITIONS = {label: (float(10 * row), 0.0, 5.0) for row, label in enumerate(LANDMARK_NAMES) if label != MISSING}
NO_RCO = "RCO has no position."
QUANTITIES = {
    one.key: one
    for one in (
        Quantity("annulus_area_mm2", 452.0),
        Quantity("hinge_circle_diameter_mm", 23.9),
        Quantity("lco_height_mm", 6.1),
        Quantity("rco_height_mm", None, NO_RCO),
        Quantity("calcium_total_mm3", 310.0),
        Quantity("calcium_threshold_hu", 500.0),
    )
}
FINDINGS = (
    FindingLine(code="rco_missing", severity="warning", text="RCO has no position: what needs it is not measured."),
    FindingLine(
        code="ncc_confidence_low", severity="warning", text="NCC was found with low confidence, 0.31. Check it."
    ),
    FindingLine(
        code="lco_height_mm_out_of_range", severity="note", text="Left coronary height: 6.1 mm; published more."
    ),
    FindingLine(
        code="motion_not_judged", severity="note", text="Motion and the phase of the heartbeat are not judged."
    ),
)


def opened_answer(folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the answer for a case folder, which need not be there."""
    now = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
    answer = OpenedAnswer(
        id=1,
        case=folder.name,
        folder=folder,
        model_id=MODEL_ID,
        notes=("The heart was found by its landmarks.",),
        landmarks=tuple(_landmark(label) for label in LANDMARK_NAMES),
        review=ReviewDocument(
            case=folder.name,
            model_id=MODEL_ID,
            calcium_threshold="lumen+100",
            landmarks=tuple(
                LandmarkReview(
                    label=label,
                    state="predicted" if label in POSITIONS else "missing",
                    position_lps_mm=POSITIONS.get(label),
                )
                for label in LANDMARK_NAMES
            ),
            started_utc=now,
            saved_utc=now,
            software="test",
        ),
        quantities=quantity_lines(QUANTITIES),
        findings=FINDINGS,
        shapes=shapes(),
        ct_file=folder / "ct.nii.gz",
        calcification_file=None,
    )
    return {**answer.model_dump(mode="json"), **changes}


def shapes() -> ShapesDocument:
    """Return shapes with an S-curve that falls by a degree a degree."""
    return ShapesDocument(
        annulus_plane=None,
        hinge_circle_diameter_mm=None,
        contours=(),
        lines=(),
        centerline=(),
        s_curve=tuple(ViewRecord(lao_deg=lao, cranial_deg=-lao) for lao in range(-90, 91)),
        named_views={
            THREE_CUSP: ViewRecord(lao_deg=24.4, cranial_deg=8.2),
            CUSP_OVERLAP: ViewRecord(lao_deg=-1.3, cranial_deg=-14.0),
        },
    )


def _landmark(label: str) -> LandmarkLine:
    confidence = CONFIDENCES.get(label)
    return LandmarkLine(
        label=label,
        position_lps_mm=POSITIONS.get(label),
        first_lps_mm=POSITIONS.get(label),
        confidence=None if confidence is None else confidence.value,
        confidence_level=None if confidence is None else confidence.level,
        confidence_text="" if confidence is None else str(confidence),
        spread_mm=1.25 if label == "NCC" else None,
        description="",
        placed_by="model" if label in POSITIONS else None,
    )
