"""One case from CT to all that needs its voxels, in steps that may happen while other cases are at another step."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fedkd.case.folder import PartialCase, case_lock
from fedkd.case.head_outlines import write_outlines
from fedkd.case.layout import CasePlace
from fedkd.case.marked_calcium import CalciumMarks
from fedkd.case.results import write_results
from fedkd.case.scratch import temporary_files_in
from fedkd.cohort.case_peaks import CasePeaks
from fedkd.cohort.case_record import draft_provenance, model_source, parameters_record, skipped_result
from fedkd.cohort.finished import Fingerprint, file_sha256, finished_case, require_replaceable
from fedkd.cohort.heart_finder import HeartFinder
from fedkd.cohort.known_cts import KnownCts, stamp_of
from fedkd.cohort.making import Making, Placed
from fedkd.cohort.messages import READING_STAGE, CaseRequest, CaseResult, FinishOrder, RunRequest
from fedkd.cohort.output_room import require_room_for
from fedkd.cohort.predictor import Predictor
from fedkd.cohort.stages import Stages
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.progress import Report
from fedkd.volumes import CtVolume, as_one_file, read_ct

if TYPE_CHECKING:
    from fedkd.prediction import Prediction

_READ_END, _HEART_END, _PREDICT_END = 0.05, 0.10, 0.75


@dataclass(frozen=True)
class Tools:
    """What predicts: the same for every case of a run."""

    predictor: Predictor
    heart_finder: HeartFinder


@dataclass(frozen=True)
class RunFacts:
    """What is the same for every case of a run before any model is loaded.

    Args:
        request: what the user wants.
        wanted: what the results are to be made from; each case has its own ``input_sha256``.
        known_cts: the hashes of CTs that were read before.
        peaks: watches memory.
    """

    request: RunRequest
    wanted: Fingerprint
    known_cts: KnownCts
    peaks: CasePeaks = field(default_factory=CasePeaks)

    @classmethod
    def of(cls, request: RunRequest, model_sha256: str) -> RunFacts:
        """Gather the facts of a run with a model of this hash."""
        wanted = Fingerprint(
            "",
            model_sha256,
            file_sha256(request.heart_mask),
            file_sha256(request.heart_labels),
            request.heart_labels_map,
            request.fast,
            request.calcium_threshold,
            request.passes,
        )
        return cls(request, wanted, KnownCts(request.output))


class CaseRun:
    """A case while it is being made: `take`, `read`, `predict` and `measure` in this order, each once, then `close`.

    The steps may run in several threads, one after the other. Seconds of a stage are those from its beginning to its
    end, in which the processor may have worked on other cases, too; waiting between steps counts for none.
    """

    def __init__(self, case: CaseRequest, facts: RunFacts, report: Report) -> None:
        self.case = case
        self.report = report
        self.seconds = 0.0
        self._facts = facts
        self._request = facts.request
        self._place = CasePlace(facts.request.output, case.case_id, facts.request.run_token)
        self._stages = Stages(report)
        self._holds = contextlib.ExitStack()
        self._partial = PartialCase(self._place)
        self._stamp: str | None = None
        self._wanted = facts.wanted
        self._ct: CtVolume | None = None
        self._predicted: tuple[Prediction, tuple[str, ...], Tools] | None = None
        self._started_utc = datetime.now(UTC)

    @property
    def place(self) -> CasePlace:
        """Where the case goes."""
        return self._place

    @property
    def may_be_finished(self) -> bool:
        """True when there is a folder of the case's name, and it is not to be replaced."""
        return not self._request.overwrite and self._place.folder.exists()

    @property
    def ct_bytes(self) -> int:
        """Size of the CT in memory; 0 before it was read and after it was measured."""
        image = None if self._ct is None else self._ct.image
        return 0 if image is None else int(image.GetNumberOfPixels() * image.GetSizeOfPixelComponent())

    @property
    def is_read(self) -> bool:
        """True from `read` to `measure`."""
        return self._ct is not None

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Count the seconds as the case's."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - start

    def take(self) -> CaseResult | None:
        """Hold the case, or return what is told of one that is known to be finished without reading its CT.

        Raises:
            FedkdError: CASE_LOCKED; CASE_EXISTS; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        with self.at_work():
            self._holds.enter_context(case_lock(self._place))
            self._stamp = stamp_of(self.case.path, self._request.series_uid)
            if self.may_be_finished:
                sha256 = self._facts.known_cts.sha256_of(self.case.case_id, self._stamp)
                if sha256 is not None and (earlier := self._earlier(sha256)) is not None:
                    return earlier
            self._place.error_log.unlink(missing_ok=True)
            self._holds.enter_context(self._partial)
            self._started_utc = datetime.now(UTC)
            return None

    def read(self) -> CaseResult | None:
        """Read the CT; or return what is told of the case when its content proves to be finished.

        Raises:
            FedkdError: those of `read_ct`; CASE_EXISTS; DISK_FULL.
        """
        with self.at_work():
            self._facts.peaks.begin(self.case.case_id)
            with self._stages.stage(READING_STAGE, 0.0, "Reading the CT"):
                ct = read_ct(self.case.path, self._request.series_uid)
            sha256 = ct.source.sha256
            if self._request.overwrite:
                require_replaceable(self._place, self.case.path)
            elif (earlier := self._earlier(sha256)) is not None:
                self._facts.known_cts.remember(self.case.case_id, self._stamp, sha256)
                return earlier
            require_room_for(ct, self._place.output)
            self._wanted = dataclasses.replace(self._wanted, input_sha256=sha256)
            self._ct = ct
            return None

    def predict(self, tools: Tools) -> None:
        """Find the heart, and let the networks find points and calcification.

        Raises:
            FedkdError: such as HEART_NOT_FOUND or OUT_OF_MEMORY.
        """
        assert self._ct is not None
        with self.at_work(), temporary_files_in(self._partial.scratch):
            with self._stages.timed("heart"):
                heart = tools.heart_finder.find(self._ct, self._stages.part(_READ_END, _HEART_END))
            progress = self._stages.part(_HEART_END, _PREDICT_END)
            prediction = tools.predictor.predict(self._ct, heart.region, progress)
            self._stages.seconds.update(prediction.seconds_by_stage)
            self._predicted = prediction, heart.notes, tools

    def measure(self) -> FinishOrder:
        """Write what was predicted, measure, and return what is left to be done. The CT goes out of memory.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        assert self._ct is not None
        assert self._predicted is not None
        with self.at_work():
            prediction, heart_notes, tools = self._predicted
            ct, model = self._ct, tools.predictor.model
            parameters = parameters_record(self._request, self._wanted)
            notes = {"notes": (*heart_notes, *prediction.notes), "started_utc": self._started_utc}
            draft = draft_provenance(self.case.case_id, ct, model, parameters, prediction).model_copy(update=notes)
            with self._stages.stage("write", _PREDICT_END, "Writing points and calcification"):
                write_results(self._partial.folder, prediction.points, prediction.calcification)
                write_outlines(self._partial.folder, prediction.outlines)
            threshold = CalciumThreshold(self._request.calcium_threshold)
            marks = CalciumMarks(prediction.calcification)
            making = Making(self._partial, self._place, self._stages)
            making.measure(draft, ct, Placed(prediction.points, marks, model_source(model.model_id), threshold))
            # Slicer's core needs the room for its own copy of the CT.
            self._ct = self._predicted = None
            return FinishOrder(
                output=self._place.output,
                case_id=self._place.case_id,
                run_token=self._place.run_token,
                ct_file=as_one_file(ct, self._partial.scratch),
                dicom_files=ct.source.dicom_files,
                seconds_by_stage=self._stages.seconds,
                peak_memory_mb=self._facts.peaks.end(self.case.case_id),
            )

    def remember_ct(self) -> None:
        """Keep the CT's hash for later runs, as the case is finished."""
        self._facts.known_cts.remember(self.case.case_id, self._stamp, self._wanted.input_sha256)

    def close(self) -> None:
        """Let the case go, finished or not; nothing half-written is left."""
        self._ct = self._predicted = None
        self._facts.peaks.end(self.case.case_id)
        self._holds.close()

    def _earlier(self, sha256: str) -> CaseResult | None:
        wanted = dataclasses.replace(self._wanted, input_sha256=sha256)
        earlier = finished_case(self._place, wanted)
        return None if earlier is None else skipped_result(self._place, earlier)
