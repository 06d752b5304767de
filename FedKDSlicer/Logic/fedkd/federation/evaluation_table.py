"""The study's table: methods by networks, millimeters and Dice, on the sites that trained and on others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, ValidationError

from fedkd.anatomy import HEADS, HINGE_POINTS
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, Sha256, SiteId, StageName
from fedkd.federation.replies import EvaluatedCase
from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import EvaluateStage, TableRow

_MOST_BYTES = 200_000_000

# The columns of millimeters: the paper's two, and the hinge points alone.
GROUPS: dict[str, tuple[str, ...]] = {
    "hinge points": HINGE_POINTS,
    "hinge points and ostia": HEADS["hps"].channels[1:],
    "septum": HEADS["ms"].channels[1:],
}
Scope = Literal["training sites", "held-out sites", "other training sites"]
SCOPES: tuple[Scope, ...] = ("training sites", "held-out sites", "other training sites")


class EvaluatedNetwork(Frozen):
    """One network on all sites' unseen cases. ``network``: a site's id where each trained its own."""

    stage: StageName
    network: str
    cases: dict[SiteId, tuple[EvaluatedCase, ...]]


class Evaluations(Frozen):
    """All that an evaluating stage has brought so far."""

    schema_version: Literal[1] = 1
    study_sha256: Sha256
    networks: tuple[EvaluatedNetwork, ...] = ()

    @classmethod
    def read(cls, path: Path, study_sha256: str) -> Evaluations:
        """Return what is in the file; nothing when there is no file yet.

        Raises:
            FedkdError: INPUT_UNREADABLE when it is damaged or of another study.
        """
        if not path.is_file():
            return cls(study_sha256=study_sha256)
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise OSError("it is too large")
            found = cls.model_validate_json(path.read_bytes())
            if found.study_sha256 != study_sha256:
                raise OSError("it is of another study")
        except (OSError, ValidationError) as error:
            raise FedkdError(
                ExitCode.INPUT_UNREADABLE,
                "The evaluations of this study cannot be read.",
                where=path,
                what_to_do="Delete the file: the networks are evaluated again.",
            ) from error
        return found

    def has(self, stage: str, network: str) -> bool:
        """True when this network was evaluated."""
        return any((one.stage, one.network) == (stage, network) for one in self.networks)

    def with_network(self, one: EvaluatedNetwork) -> Evaluations:
        """Return these and one more."""
        return self.model_copy(update={"networks": (*self.networks, one)})


class Millimeters(Frozen):
    """Errors of a group of points: those that were found, of all that have a label."""

    mean: float | None
    sd: float | None
    median: float | None
    found: int = Field(ge=0)
    of: int = Field(ge=0)


class Overlap(Frozen):
    """Dice of calcification: cases without a prediction count as 0; ``nothing`` marked by anyone counts apart."""

    mean: float | None
    sd: float | None
    cases: int = Field(ge=0)
    nothing: int = Field(ge=0)


class ScopeResult(Frozen):
    """One row's result on some sites."""

    networks: int
    sites: tuple[str, ...]
    cases: int
    failed: int
    errors_mm: dict[str, Millimeters]
    dice: Overlap


class RowResult(Frozen):
    """A row of the table."""

    method: str
    network: str
    stage: str
    scopes: dict[Scope, ScopeResult]


class ResultTable(Frozen):
    """The table, as its JSON file has it."""

    schema_version: Literal[1] = 1
    study_id: str
    study_sha256: Sha256
    rows: tuple[RowResult, ...]


@dataclass(frozen=True)
class _Pair:
    """A network on a site."""

    network: str
    site: str
    cases: Sequence[EvaluatedCase]


def result_table(study: StudyFile, stage: EvaluateStage, evaluations: Evaluations) -> ResultTable:
    """Return the table of an evaluating stage, from the values of single cases.

    On ``training sites`` a network that a site trained for itself counts where it was trained; on ``held-out sites``
    every network counts on every such site. ``other training sites`` has only networks of single sites.
    """
    rows = tuple(_row(study, row, evaluations) for row in stage.rows)
    return ResultTable(study_id=study.study_id, study_sha256=study.sha256, rows=rows)


def _row(study: StudyFile, row: TableRow, evaluations: Evaluations) -> RowResult:
    is_local = study.train_stage(row.stage).aggregation.kind == "local"
    pairs = [
        _Pair(one.network, site, cases)
        for one in evaluations.networks
        if one.stage == row.stage
        for site, cases in one.cases.items()
    ]
    sorted_in: dict[Scope, list[_Pair]] = {scope: [] for scope in SCOPES}
    for pair in pairs:
        sorted_in[_scope_of(pair, study, is_local=is_local)].append(pair)
    return RowResult(
        method=row.method,
        network=row.network,
        stage=row.stage,
        scopes={scope: _result(found) for scope, found in sorted_in.items() if found},
    )


def _scope_of(pair: _Pair, study: StudyFile, *, is_local: bool) -> Scope:
    if pair.site in study.held_out_sites:
        return "held-out sites"
    if is_local and pair.network != pair.site:
        return "other training sites"
    return "training sites"


def _result(pairs: Sequence[_Pair]) -> ScopeResult:
    cases = [case for pair in pairs for case in pair.cases]
    return ScopeResult(
        networks=len({pair.network for pair in pairs}),
        sites=tuple(sorted({pair.site for pair in pairs})),
        cases=len(cases),
        failed=sum(case.failed for case in cases),
        errors_mm={name: _millimeters(cases, labels) for name, labels in GROUPS.items()},
        dice=_overlap(cases),
    )


def _millimeters(cases: Iterable[EvaluatedCase], labels: Sequence[str]) -> Millimeters:
    errors = [case.errors_mm[label] for case in cases for label in labels if label in case.errors_mm]
    found = np.array([error for error in errors if error is not None])
    mean, sd = _mean_and_sd(found)
    median = float(np.median(found)) if found.size else None
    return Millimeters(mean=mean, sd=sd, median=median, found=found.size, of=len(errors))


def _overlap(cases: Iterable[EvaluatedCase]) -> Overlap:
    values = [case.calcification_dice for case in cases if case.calcification_dice is not None]
    measured = np.array([value for value in values if value >= 0])
    mean, sd = _mean_and_sd(measured)
    return Overlap(mean=mean, sd=sd, cases=measured.size, nothing=len(values) - measured.size)


def _mean_and_sd(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float | None, float | None]:
    if values.size == 0:
        return None, None
    return float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else None


def counts_by_site(evaluations: Evaluations) -> Mapping[str, int]:
    """Return how many cases each site evaluated on."""
    counts: dict[str, int] = {}
    for one in evaluations.networks:
        for site, cases in one.cases.items():
            counts[site] = max(counts.get(site, 0), len(cases))
    return counts
