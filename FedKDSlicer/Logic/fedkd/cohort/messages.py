"""What the processes tell each other and ``--progress json`` tells the caller: one JSON object a line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.provenance import BackendName, DeviceName
from fedkd.confidence import Confidence, Level
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.findings import Severity
from fedkd.passes import Passes

CaseStatus = Literal["done", "skipped", "failed"]


# Reported before the first case of a worker; belongs to no case.
LOADING_STAGE = "model"
READING_STAGE = "read"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def line(self) -> str:
        """Return the message as one line of JSON, without the line's end."""
        return self.model_dump_json()


class CaseRequest(_Message):
    """One CT; ``case_id`` is safe as a folder name."""

    case_id: str
    path: Path


class RunRequest(_Message):
    """All that a worker is told.

    ``run_token`` marks this run's unfinished folders; ``heart_mask``, ``heart_labels`` and ``series_uid`` go with a
    single case. ``shard`` says which part of a cohort the cases are, such as 3/16; others may be at the other parts.
    ``models`` are paths, or names of those in the user's folder; none: the embedded one. ``fast`` and ``heart_labels``
    are for models of the study's code.
    """

    output: Path
    run_token: str
    cases: tuple[CaseRequest, ...]
    models: tuple[Path, ...] = ()
    heart_mask: Path | None = None
    heart_labels: Path | None = None
    heart_labels_map: str = ""
    fast: bool = False
    passes: Passes = Passes.STANDARD
    series_uid: str | None = None
    device: DeviceName = "auto"
    backend: BackendName = "auto"
    calcium_threshold: str = "lumen+100"
    overwrite: bool = False
    shard: str | None = None


class ProgressLine(_Message):
    """How far a case is: ``fraction`` runs from 0 to 1 over the case."""

    case: str
    stage: str
    fraction: float = Field(ge=0, le=1)
    message: str


class PointLine(_Message):
    """A landmark in LPS mm; no position when it was not found. ``spread_mm``: of passes and models around it."""

    label: str
    position_lps_mm: tuple[float, float, float] | None
    confidence: float | None = None
    confidence_level: Level | None = Field(default=None, description="null: the confidence is not calibrated")
    spread_mm: float | None = None

    @property
    def judged(self) -> Confidence | None:
        """The confidence and what it is worth; None when nothing is known about it."""
        return None if self.confidence is None else Confidence(self.confidence, self.confidence_level is not None)


class MeasurementLine(_Message):
    """A measurement of the catalog: a value in ``unit`` (UCUM), or the reason why there is none."""

    key: str
    value: float | str | None
    unit: str
    reason: str | None = None


class FindingLine(_Message):
    """Something a reader should look at twice."""

    code: str
    severity: Severity
    text: str


class ErrorBody(_Message):
    """A failure: ``code`` is the exit code, ``name`` its name."""

    code: int
    name: str
    what: str
    where: str
    what_to_do: str

    @classmethod
    def of(cls, error: FedkdError) -> ErrorBody:
        """Return the message for ``error``."""
        return cls(
            code=int(error.code),
            name=error.code.name,
            what=error.what,
            where=error.where,
            what_to_do=error.what_to_do,
        )

    def as_error(self) -> FedkdError:
        """Return the error this message speaks of."""
        return FedkdError(ExitCode[self.name], self.what, where=self.where, what_to_do=self.what_to_do)


class CaseResult(_Message):
    """How a case ended. ``error`` is there exactly when it failed."""

    case: str
    status: CaseStatus
    message: str
    folder: Path | None = None
    points: tuple[PointLine, ...] = ()
    notes: tuple[str, ...] = ()
    measurements: tuple[MeasurementLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    scene_made: bool = False
    seconds: float = 0.0
    error: ErrorBody | None = None

    @classmethod
    def of_error(cls, case_id: str, error: FedkdError) -> CaseResult:
        """Return the result of a case that failed."""
        return cls(case=case_id, status="failed", message=error.what, error=ErrorBody.of(error))

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of this case alone."""
        return ExitCode.OK if self.error is None else ExitCode[self.error.name]


class CaseResultLine(_Message):
    """Worker to supervisor: a case has ended."""

    case_result: CaseResult


class AgainLine(_Message):
    """Worker to supervisor: this case ended by something that may lie in others in hand; it is to be made alone."""

    again: str


class FinishOrder(_Message):
    """Worker to finisher: a case whose unpublished folder holds everything that was predicted and measured.

    Args:
        output: the output folder, which with ``case_id`` and ``run_token`` names the unpublished folder.
        ct_file: the CT as one file.
        dicom_files: the CT's DICOM files, where it was DICOM.
        seconds_by_stage: of the stages so far.
        peak_memory_mb: of the process so far; 10^6 bytes.
    """

    output: Path
    case_id: str
    run_token: str
    ct_file: Path
    dicom_files: tuple[Path, ...] = ()
    seconds_by_stage: dict[str, float]
    peak_memory_mb: float | None = None


class RunResult(_Message):
    """The whole run, all of it well; ``summary`` is None where a single case was measured in a folder without one."""

    output: Path
    summary: Path | None
    cases: tuple[CaseResult, ...]
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE


class RunError(ErrorBody):
    """The whole run, with what went wrong; the cases that went well are in ``cases`` too."""

    cases: tuple[CaseResult, ...] = ()


class ResultLine(_Message):
    """Last line of a run that went well."""

    result: RunResult


class ErrorLine(_Message):
    """Last line of a run that did not."""

    error: RunError


class WorkerLine(RootModel[ProgressLine | CaseResultLine | AgainLine | ErrorLine]):
    """Any line a worker writes."""


class OutputLine(RootModel[ProgressLine | ResultLine | ErrorLine]):
    """Any line that ``--progress json`` writes."""
