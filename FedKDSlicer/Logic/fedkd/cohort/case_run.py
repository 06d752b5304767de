"""One case from CT to published folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fedkd.case.folder import PartialCase, case_lock
from fedkd.case.layout import CasePlace
from fedkd.case.marked_calcium import CalciumMarks
from fedkd.case.memory import forget_peak
from fedkd.case.provenance import Provenance
from fedkd.case.results import write_results
from fedkd.case.scratch import temporary_files_in
from fedkd.cohort.case_record import done_result, draft_provenance, model_source, parameters_record, skipped_result
from fedkd.cohort.finished import Fingerprint, file_sha256, finished_case, require_replaceable
from fedkd.cohort.heart_finder import HeartFinder
from fedkd.cohort.making import CtFiles, Makers, Making, Placed
from fedkd.cohort.messages import CaseRequest, CaseResult, RunRequest
from fedkd.cohort.output_room import require_room_for
from fedkd.cohort.predictor import Predictor
from fedkd.cohort.stages import Stages
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.progress import Report
from fedkd.volumes import as_one_file, read_ct

_READ_END, _HEART_END, _PREDICT_END = 0.05, 0.10, 0.75


@dataclass(frozen=True)
class Tools:
    """What makes results: the same for every case of a run."""

    predictor: Predictor
    heart_finder: HeartFinder
    makers: Makers


@dataclass
class CaseRun:
    """A case while it is being made."""

    case: CaseRequest
    request: RunRequest
    tools: Tools
    report: Report
    _stages: Stages = field(init=False)
    _started_utc: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._stages = Stages(self.report)

    @property
    def place(self) -> CasePlace:
        """Where the case goes."""
        return CasePlace(self.request.output, self.case.case_id, self.request.run_token)

    def execute(self) -> CaseResult:
        """Read, predict, measure, write, make the scene, publish; or skip a case that is finished.

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
            making = Making(partial, self.place, self._stages, self.tools.makers)
            predicted = self._predict(making)
            if isinstance(predicted, CaseResult):
                return predicted
            # The CT is out of memory by now: Slicer's core needs the room for its own copy.
            final = making.finish(*predicted)
            return done_result(self.place, final)

    def _predict(self, making: Making) -> CaseResult | tuple[Provenance, CtFiles]:
        """Read the CT and write the results; or return what is told of a case that an earlier run finished."""
        with self._stages.stage("read", 0.0, "Reading the CT"):
            ct = read_ct(self.case.path, self.request.series_uid)
            fingerprint = self._fingerprint(ct.source.sha256)
        model = self.tools.predictor.model
        if self.request.overwrite:
            require_replaceable(self.place, self.case.path)
        elif (earlier := finished_case(self.place, fingerprint)) is not None:
            return skipped_result(self.place, earlier)
        require_room_for(ct, self.place.output)
        with self._stages.timed("heart"):
            heart = self.tools.heart_finder.find(ct, self._stages.part(_READ_END, _HEART_END))
        progress = self._stages.part(_HEART_END, _PREDICT_END)
        prediction = self.tools.predictor.predict(ct, heart.region, progress)
        self._stages.seconds.update(prediction.seconds_by_stage)
        parameters = parameters_record(self.request, fingerprint)
        notes = {"notes": (*heart.notes, *prediction.notes), "started_utc": self._started_utc}
        draft = draft_provenance(self.case.case_id, ct, model, parameters, prediction).model_copy(update=notes)
        with self._stages.stage("write", _PREDICT_END, "Writing points and calcification"):
            write_results(making.partial.folder, prediction.points, prediction.calcification)
        source = model_source(model.model_id)
        threshold = CalciumThreshold(self.request.calcium_threshold)
        marks = CalciumMarks(prediction.calcification)
        draft = making.measure(draft, ct, Placed(prediction.points, marks, source, threshold))
        return draft, CtFiles(as_one_file(ct, making.partial.scratch), ct.source.dicom_files)

    def _fingerprint(self, input_sha256: str) -> Fingerprint:
        return Fingerprint(
            input_sha256,
            self.tools.predictor.model.sha256,
            file_sha256(self.request.heart_mask),
            file_sha256(self.request.heart_labels),
            self.request.heart_labels_map,
            self.request.fast,
            self.request.calcium_threshold,
        )
