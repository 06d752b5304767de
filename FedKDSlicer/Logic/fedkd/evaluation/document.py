"""The file of an evaluation: every point with the model's own confidence and its distance from the truth.

It is what a calibration is fitted to, so that networks need to run only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fedkd import NOT_FOR_CLINICAL_USE, __version__
from fedkd.confidence import Calibration, ReliabilityBin
from fedkd.errors import ExitCode, FedkdError
from fedkd.evaluation.reliability import bins_of
from fedkd.evaluation.score import CaseScore
from fedkd.geometry import FloatArray
from fedkd.models import LoadedModel

_MOST_BYTES = 200_000_000
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), allow_inf_nan=False)


class EvaluatedPoint(_Frozen):
    """One landmark with a known true place; nulls: it was not found."""

    label: str
    raw_confidence: _Share | None = Field(description="the model's own, before any calibration")
    confidence: _Share | None = Field(description="calibrated; null also where the model is not")
    error_mm: float | None = Field(ge=0)


class EvaluatedCase(_Frozen):
    """One case; ``phantom_seed`` is that of its phantom, and null for other cases."""

    case: str
    phantom_seed: int | None = Field(ge=0)
    points: tuple[EvaluatedPoint, ...]


class EvaluationDocument(_Frozen):
    """The content of the file."""

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    model_id: str
    weights_sha256: tuple[_Sha256, ...] = Field(description="of the networks, the same with any calibration")
    command: str = Field(max_length=300)
    versions: dict[str, str]
    made_utc: datetime
    cases: tuple[EvaluatedCase, ...] = Field(min_length=1)
    reliability: tuple[ReliabilityBin, ...] = Field(description="bins of the confidence, calibrated where the model is")

    def found(self) -> tuple[list[str], FloatArray, FloatArray]:
        """Return case names, the model's own confidences and errors in mm of the points that were found, each (n,)."""
        rows = [
            (case.case, point.raw_confidence, point.error_mm)
            for case in self.cases
            for point in case.points
            if point.raw_confidence is not None and point.error_mm is not None
        ]
        numbers = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2)
        return [row[0] for row in rows], numbers[:, 0], numbers[:, 1]

    @property
    def not_found(self) -> int:
        """How many landmarks with a true place were not found."""
        return sum(point.error_mm is None for case in self.cases for point in case.points)


def document_of(scores: list[CaseScore], models: Sequence[LoadedModel], command: str) -> EvaluationDocument:
    """Return the content of the file for cases that were scored with these models together.

    Votes of several are not calibrated, and no calibration can be fitted to them: no package has all their weights.
    """
    calibration = models[0].card.calibration if len(models) == 1 else None
    cases = tuple(_case(score, calibration) for score in scores)
    points = [point for case in cases for point in case.points if point.error_mm is not None]
    shown = [point.confidence if calibration else point.raw_confidence for point in points]
    return EvaluationDocument(
        model_id=" + ".join(model.model_id for model in models),
        weights_sha256=tuple(sha256 for model in models for sha256 in model.card.weights_sha256),
        command=command,
        versions={"fedkd": __version__},
        made_utc=datetime.now(UTC),
        cases=cases,
        reliability=bins_of(np.array(shown, dtype=float), np.array([point.error_mm for point in points], dtype=float)),
    )


def read_evaluation(path: Path) -> EvaluationDocument:
    """Read the file of an evaluation.

    Raises:
        FedkdError: INPUT_NOT_FOUND or INPUT_UNREADABLE.
    """
    if not path.is_file():
        what = "This file of an evaluation does not exist."
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, what, where=path, what_to_do="Make it: fedkd evaluate CASES --json FILE"
        )
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OSError("it is too large")
        return EvaluationDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        what = "This is no file that `fedkd evaluate --json` wrote."
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE, what, where=path, what_to_do="Make it: fedkd evaluate CASES --json FILE"
        ) from error


def _case(score: CaseScore, calibration: Calibration | None) -> EvaluatedCase:
    points = tuple(
        _point(label, error, score.confidences.get(label), calibration) for label, error in score.errors_mm.items()
    )
    return EvaluatedCase(case=score.case_id, phantom_seed=score.phantom_seed, points=points)


def _point(label: str, error_mm: float, raw: float | None, calibration: Calibration | None) -> EvaluatedPoint:
    if not np.isfinite(error_mm) or raw is None:
        return EvaluatedPoint(label=label, raw_confidence=None, confidence=None, error_mm=None)
    calibrated = None if calibration is None else calibration.probability(raw)
    return EvaluatedPoint(label=label, raw_confidence=raw, confidence=calibrated, error_mm=error_mm)
