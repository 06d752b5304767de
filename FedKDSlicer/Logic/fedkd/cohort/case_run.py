"""One case from CT to published folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import SimpleITK as sitk

from fedkd.case.disk import disk_full, is_full, require_free_bytes
from fedkd.case.folder import PartialCase, case_lock
from fedkd.case.layout import CasePlace
from fedkd.case.memory import forget_peak, peak_mb
from fedkd.case.provenance import (
    HeartRecord,
    InputRecord,
    ModelRecord,
    ParametersRecord,
    Provenance,
    SceneRecord,
    write_provenance,
)
from fedkd.case.results import files_in, landmark_records, volume_mm3, write_results
from fedkd.case.scene_process import SceneCommand, make_scene
from fedkd.case.versions import versions_in_use
from fedkd.cohort.finished import Fingerprint, finished_case, require_replaceable
from fedkd.cohort.messages import CaseRequest, CaseResult, PointLine, RunRequest
from fedkd.cohort.predictor import Predictor
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume, read_ct

if TYPE_CHECKING:
    from fedkd.heart import HeartRegion
    from fedkd.pointsets import PointList
    from fedkd.prediction import Prediction

_READ_END, _PREDICT_END, _WRITE_END = 0.05, 0.75, 0.80
_SMALL_FILES_BYTES = 20_000_000


@dataclass
class CaseRun:
    """What is known while a case is being made."""

    case: CaseRequest
    request: RunRequest
    predictor: Predictor
    scene_command: SceneCommand
    report: Report
    started_utc: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds_by_stage: dict[str, float] = field(default_factory=dict)

    def execute(self) -> CaseResult:
        """Read, predict, write, make the scene, publish.

        Raises:
            FedkdError: with what the user can do about it.
        """
        place = CasePlace(self.request.output, self.case.case_id, self.request.run_token)
        forget_peak()
        with case_lock(place):
            place.error_log.unlink(missing_ok=True)
            self._say("read", 0.0, "Reading the CT")
            with self._timed("read"):
                ct = read_ct(self.case.path, self.request.series_uid)
            fingerprint = Fingerprint(ct.source.sha256, self.predictor.model.sha256, self._heart_mask_sha256())
            if self.request.overwrite:
                require_replaceable(place, self.case.path)
            elif (earlier := finished_case(place, fingerprint)) is not None:
                return _skipped(place, earlier)
            return self._make(place, ct)

    def _make(self, place: CasePlace, ct: CtVolume) -> CaseResult:
        # Provenance may be rewritten, a scene holds the CT, a DICOM series passes through a temporary file.
        require_free_bytes(place.output, _SMALL_FILES_BYTES + 2 * _bytes_of(ct.image))
        with PartialCase(place) as partial, _temporary_files_in(partial.scratch):
            heart = self._heart(ct)
            prediction = self.predictor.predict(ct, heart, part_of(self.report, _READ_END, _PREDICT_END))
            self.seconds_by_stage.update(prediction.seconds_by_stage)
            self._say("write", _PREDICT_END, "Writing points and calcification")
            with self._timed("write"):
                write_results(partial.folder, prediction.points, prediction.calcification)
            pending = SceneRecord(status="not made", reason="being made")
            record = self._provenance(ct, heart, prediction, pending)
            write_provenance(partial.folder, record)
            scene = self._scene(ct, partial)
            final = record.model_copy(
                update={
                    "scene": scene,
                    "files": files_in(partial.folder),
                    "seconds_by_stage": dict(self.seconds_by_stage),
                    "peak_memory_mb": peak_mb(),
                    "finished_utc": datetime.now(UTC),
                }
            )
            write_provenance(partial.folder, final)
            if is_full(place.output):
                raise disk_full(place.output)
            partial.publish()
        return _done(place, final, prediction.points)

    def _scene(self, ct: CtVolume, partial: PartialCase) -> SceneRecord:
        self._say("scene", _WRITE_END, "Making scene and views")
        with self._timed("scene"):
            ct_file = ct.source.path
            if ct.source.format == "dicom":
                ct_file = partial.scratch / "ct.nrrd"
                sitk.WriteImage(ct.image, str(ct_file))
            record = make_scene(partial.folder, ct_file, self.scene_command, part_of(self.report, _WRITE_END, 1.0))
        if record.status == "not made":
            _remove_scene(partial.folder)
        return record

    def _heart(self, ct: CtVolume) -> HeartRegion | None:
        if self.request.heart_mask is None:
            return None
        from fedkd.heart import region_from_mask_file

        self._say("heart", _READ_END, "Reading the heart mask")
        with self._timed("heart mask"):
            return region_from_mask_file(self.request.heart_mask, ct)

    def _heart_mask_sha256(self) -> str | None:
        mask = self.request.heart_mask
        if mask is None or not mask.is_file():
            return None
        with mask.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _provenance(
        self, ct: CtVolume, heart: HeartRegion | None, prediction: Prediction, scene: SceneRecord
    ) -> Provenance:
        model = self.predictor.model
        return Provenance(
            case=self.case.case_id,
            input=InputRecord(
                name=ct.source.path.name,
                format=ct.source.format,
                sha256=ct.source.sha256,
                series_instance_uid=ct.source.series_instance_uid,
                frame_of_reference_uid=ct.source.frame_of_reference_uid,
                size_xyz=ct.image.GetSize(),
                spacing_mm=ct.image.GetSpacing(),
            ),
            model=ModelRecord(id=model.model_id, sha256=model.sha256),
            parameters=ParametersRecord(device=self.request.device, heart_mask_sha256=self._heart_mask_sha256()),
            heart=HeartRecord(source="model") if heart is None else HeartRecord(
                source=heart.source, center_lps_mm=heart.center_lps_mm
            ),
            versions=versions_in_use(),
            landmarks=landmark_records(prediction.points),
            calcification_mm3=volume_mm3(prediction.calcification),
            notes=prediction.notes,
            scene=scene,
            files=(),
            seconds_by_stage=dict(self.seconds_by_stage),
            started_utc=self.started_utc,
            finished_utc=datetime.now(UTC),
        )

    def _say(self, stage: str, fraction: float, message: str) -> None:
        self.report(ProgressEvent(stage, fraction, message))

    @contextlib.contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds_by_stage[stage] = round(time.monotonic() - start, 3)


def _done(place: CasePlace, provenance: Provenance, points: PointList) -> CaseResult:
    scene = provenance.scene
    message = "Done." if scene.status == "made" else f"Done; scene and views not made, because {scene.reason}."
    return CaseResult(
        case=place.case_id,
        status="done",
        message=message,
        folder=place.folder,
        points=tuple(
            PointLine(label=point.label, position_lps_mm=point.position_lps_mm, confidence=point.confidence)
            for point in points
        ),
        notes=provenance.notes,
        scene_made=scene.status == "made",
    )


def _skipped(place: CasePlace, provenance: Provenance) -> CaseResult:
    from fedkd.case.layout import LANDMARKS_FILE
    from fedkd.pointsets import read_points

    points = read_points(place.folder / LANDMARKS_FILE)
    done = _done(place, provenance, points)
    finished = provenance.finished_utc.strftime("%Y-%m-%d %H:%M UTC")
    return done.model_copy(
        update={"status": "skipped", "message": f"Skipped: finished on {finished}. --overwrite makes it again."}
    )


def _bytes_of(image: sitk.Image) -> int:
    return int(image.GetNumberOfPixels() * image.GetSizeOfPixelComponent())


def _remove_scene(folder: Path) -> None:
    from fedkd.case.layout import SCENE_FILE, VIEWS_FOLDER

    (folder / SCENE_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder / VIEWS_FOLDER, ignore_errors=True)


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Let every temporary file, of child processes too, be made where it is removed with the unfinished case."""
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir, os.environ["TMPDIR"] = str(folder), str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]
