"""One case from CT to published folder."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import SimpleITK as sitk

from fedkd.case.disk import disk_full, is_full, require_free_bytes
from fedkd.case.folder import PartialCase, case_lock
from fedkd.case.layout import CasePlace
from fedkd.case.memory import forget_peak, peak_mb
from fedkd.case.provenance import Provenance, SceneRecord, write_provenance
from fedkd.case.results import files_in, write_results
from fedkd.case.scene_process import SceneCommand, make_scene
from fedkd.case.scratch import temporary_files_in
from fedkd.cohort.case_record import done_result, draft_provenance, parameters_record, skipped_result
from fedkd.cohort.finished import Fingerprint, file_sha256, finished_case, require_replaceable
from fedkd.cohort.heart_finder import HeartFinder
from fedkd.cohort.messages import CaseRequest, CaseResult, RunRequest
from fedkd.cohort.predictor import Predictor
from fedkd.pointsets import PointList
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume, read_ct

_READ_END, _HEART_END, _PREDICT_END, _WRITE_END = 0.05, 0.10, 0.75, 0.80
_SMALL_FILES_BYTES = 20_000_000


@dataclass(frozen=True)
class Tools:
    """What makes results: the same for every case of a run."""

    predictor: Predictor
    heart_finder: HeartFinder
    scene_command: SceneCommand


@dataclass(frozen=True)
class _Predicted:
    """What the scene and the last step need to know."""

    draft: Provenance
    points: PointList
    ct_file: Path


@dataclass
class CaseRun:
    """A case while it is being made."""

    case: CaseRequest
    request: RunRequest
    tools: Tools
    report: Report
    _started_utc: datetime = field(default_factory=lambda: datetime.now(UTC))
    _seconds: dict[str, float] = field(default_factory=dict)

    @property
    def place(self) -> CasePlace:
        """Where the case goes."""
        return CasePlace(self.request.output, self.case.case_id, self.request.run_token)

    def execute(self) -> CaseResult:
        """Read, predict, write, make the scene, publish; or skip a case that is finished.

        Raises:
            FedkdError: with what the user can do about it.
        """
        forget_peak()
        with (
            case_lock(self.place),
            PartialCase(self.place) as partial,
            temporary_files_in(partial.scratch),
        ):
            self.place.error_log.unlink(missing_ok=True)
            predicted = self._predict(partial)
            if isinstance(predicted, CaseResult):
                return predicted
            # The CT is out of memory by now: Slicer's core needs the room for its own copy.
            with self._stage("scene", _WRITE_END, "Making scene and views"):
                scene = self._make_scene(predicted.ct_file, partial)
            return self._publish(predicted, scene, partial)

    def _predict(self, partial: PartialCase) -> CaseResult | _Predicted:
        """Read the CT and write the results; or return what is told of a case that an earlier run finished."""
        with self._stage("read", 0.0, "Reading the CT"):
            ct = read_ct(self.case.path, self.request.series_uid)
            mask_sha256 = file_sha256(self.request.heart_mask)
        model = self.tools.predictor.model
        fingerprint = Fingerprint(ct.source.sha256, model.sha256, mask_sha256)
        if self.request.overwrite:
            require_replaceable(self.place, self.case.path)
        elif (earlier := finished_case(self.place, fingerprint)) is not None:
            return skipped_result(self.place, earlier)
        # The scene holds the CT, and a DICOM series passes through a temporary file.
        require_free_bytes(self.place.output, _SMALL_FILES_BYTES + 2 * _bytes_of(ct.image))
        with self._timed("heart"):
            heart = self.tools.heart_finder.find(ct, part_of(self.report, _READ_END, _HEART_END))
        progress = part_of(self.report, _HEART_END, _PREDICT_END)
        prediction = self.tools.predictor.predict(ct, heart.region, progress)
        self._seconds.update(prediction.seconds_by_stage)
        parameters = parameters_record(self.request.device, fingerprint)
        notes = {"notes": (*heart.notes, *prediction.notes), "started_utc": self._started_utc}
        draft = draft_provenance(self.case.case_id, ct, model, parameters, prediction).model_copy(update=notes)
        with self._stage("write", _PREDICT_END, "Writing points and calcification"):
            write_results(partial.folder, prediction.points, prediction.calcification)
            write_provenance(partial.folder, draft)
            return _Predicted(draft, prediction.points, _as_one_file(ct, partial.scratch))

    def _make_scene(self, ct_file: Path, partial: PartialCase) -> SceneRecord:
        before = set(partial.folder.iterdir())
        progress = part_of(self.report, _WRITE_END, 1.0)
        record = make_scene(partial.folder, ct_file, self.tools.scene_command, progress)
        if record.status == "not made":
            _remove(set(partial.folder.iterdir()) - before)
        return record

    def _publish(self, predicted: _Predicted, scene: SceneRecord, partial: PartialCase) -> CaseResult:
        changes = {"scene": scene, "files": files_in(partial.folder), "seconds_by_stage": dict(self._seconds)}
        times = {"peak_memory_mb": peak_mb(), "finished_utc": datetime.now(UTC)}
        final = predicted.draft.model_copy(update=changes | times)
        write_provenance(partial.folder, final)
        if is_full(self.place.output):
            raise disk_full(self.place.output)
        partial.publish()
        return done_result(self.place, final, predicted.points)

    @contextlib.contextmanager
    def _stage(self, name: str, fraction: float, message: str) -> Iterator[None]:
        self.report(ProgressEvent(name, fraction, message))
        with self._timed(name):
            yield

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self._seconds[name] = round(time.monotonic() - start, 3)


def _as_one_file(ct: CtVolume, scratch: Path) -> Path:
    """Return the CT's file; a DICOM series is written to one first, as Slicer's reader wants a single file."""
    if ct.source.format != "dicom":
        return ct.source.path
    path = scratch / "ct.nrrd"
    sitk.WriteImage(ct.image, str(path))
    return path


def _bytes_of(image: sitk.Image) -> int:
    return int(image.GetNumberOfPixels() * image.GetSizeOfPixelComponent())


def _remove(entries: set[Path]) -> None:
    for entry in entries:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
