"""What is written down, and told, about a case."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fedkd.case.head_outlines import HeadOutline
from fedkd.case.layout import LANDMARKS_FILE, CasePlace
from fedkd.case.placed_points import first_records, seven_landmarks, trusted
from fedkd.case.provenance import (
    InputRecord,
    MemberRecord,
    ModelRecord,
    OutlineRecord,
    ParametersRecord,
    Provenance,
    SceneRecord,
)
from fedkd.case.results import volume_mm3
from fedkd.case.versions import versions_in_use
from fedkd.cohort.finished import Fingerprint
from fedkd.cohort.measured_lines import read_measured_lines
from fedkd.cohort.messages import CaseResult, PointLine, RunRequest
from fedkd.cohort.predictor import ModelIdentity
from fedkd.volumes import CtVolume

if TYPE_CHECKING:
    from fedkd.prediction import Prediction


def file_name(path: Path) -> str:
    """Return the last part of a path, as provenance.json may have it."""
    return re.sub(r"[/\\]", "_", path.name)


def model_source(model_id: str) -> str:
    """Return in words that a model placed the landmarks."""
    return f"model {model_id}"


def input_record(ct: CtVolume) -> InputRecord:
    """Return what provenance.json says of the CT: no path, nothing about the patient."""
    source = ct.source
    return InputRecord(
        name=file_name(source.path) or "CT",
        format=source.format,
        sha256=source.sha256,
        series_instance_uid=source.series_instance_uid,
        frame_of_reference_uid=source.frame_of_reference_uid,
        size_xyz=ct.image.GetSize(),
        spacing_mm=ct.image.GetSpacing(),
    )


def model_record(model: ModelIdentity) -> ModelRecord:
    """Return what provenance.json says of the weights."""
    members = tuple(MemberRecord(id=one.model_id, sha256=one.sha256) for one in model.members)
    return ModelRecord(id=model.model_id, sha256=model.sha256, members=members)


def parameters_record(request: RunRequest, fingerprint: Fingerprint) -> ParametersRecord:
    """Return what the user chose."""
    return ParametersRecord(
        device=request.device,
        backend=request.backend,
        heart_mask_sha256=fingerprint.heart_mask_sha256,
        heart_labels_sha256=fingerprint.heart_labels_sha256,
        heart_labels_map=fingerprint.heart_labels_map,
        fast=fingerprint.fast,
        passes=fingerprint.passes,
        calcium_threshold=fingerprint.calcium_threshold,
    )


def draft_provenance(
    case_id: str, ct: CtVolume, model: ModelIdentity, parameters: ParametersRecord, prediction: Prediction
) -> Provenance:
    """Return the provenance of a case whose scene, files and times are not known yet."""
    now = datetime.now(UTC)
    return Provenance(
        case=case_id,
        input=input_record(ct),
        model=model_record(model),
        parameters=parameters,
        heart_source=prediction.heart_source,
        backend=prediction.backend or None,
        calibration=prediction.calibration,
        versions=versions_in_use(),
        landmarks=first_records(prediction.points, "model"),
        calcification_mm3=volume_mm3(prediction.calcification),
        calcification_threshold_hu=prediction.calcification_threshold_hu,
        outlines=tuple(_outline_record(outline) for outline in prediction.outlines),
        notes=prediction.notes,
        scene=SceneRecord(status="not made", reason="it is being made"),
        files=(),
        seconds_by_stage={},
        started_utc=now,
        finished_utc=now,
    )


def _outline_record(outline: HeadOutline) -> OutlineRecord:
    return OutlineRecord(
        head=outline.head,
        file=outline.file,
        volumes_mm3=outline.volumes_mm3(),
        looked_at_center_lps_mm=outline.center_lps_mm,
        looked_at_side_mm=outline.side_mm,
    )


def done_result(place: CasePlace, provenance: Provenance) -> CaseResult:
    """Return what is told about a case in its folder; its points are those on disk now."""
    from fedkd.pointsets import read_points

    # The file may still hold what a model thought of a point that a reader has moved; the provenance does not.
    points = trusted(seven_landmarks(read_points(place.folder / LANDMARKS_FILE)), provenance.landmarks)
    scene, measured = provenance.scene, read_measured_lines(place.folder)
    return CaseResult(
        case=place.case_id,
        status="done",
        message="".join(("Done.", *_what_is_missing(provenance))),
        folder=place.folder,
        points=tuple(
            PointLine(
                label=point.label,
                position_lps_mm=point.position_lps_mm,
                confidence=point.confidence,
                confidence_level=point.confidence_level,
                spread_mm=point.spread_mm,
            )
            for point in points
        ),
        notes=provenance.notes,
        measurements=measured.measurements,
        findings=measured.findings,
        scene_made=scene.status == "made",
    )


def skipped_result(place: CasePlace, provenance: Provenance) -> CaseResult:
    """Return what is told about a case that an earlier run finished."""
    finished = provenance.finished_utc.strftime("%Y-%m-%d %H:%M UTC")
    message = f"Skipped: finished on {finished}. To make it again: --overwrite."
    message = "".join((message, *_what_is_missing(provenance)))
    return done_result(place, provenance).model_copy(update={"status": "skipped", "message": message})


def _what_is_missing(provenance: Provenance) -> list[str]:
    scene, measurement = provenance.scene, provenance.measurement
    missing = []
    if scene.status == "not made":
        missing.append(f" Scene and views were not made, because {scene.reason}.")
    if measurement is not None and measurement.status == "not made":
        missing.append(f" Nothing was measured, because {measurement.reason.rstrip('.')}.")
    return missing
