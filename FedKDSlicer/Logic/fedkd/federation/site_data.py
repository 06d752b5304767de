"""What a site has to teach with: its cases, which labels each of them has, and which cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedkd.anatomy import HEADS
from fedkd.case.layout import PROVENANCE_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen
from fedkd.training.cases import TrainingCase, find_cases, is_test_case
from fedkd.training.prepared import read_point_heads
from fedkd.volumes import read_grid


class RefusedCase(Frozen):
    """A case that takes no part. Its name stays at the site."""

    case: str
    reason: str


class LabelCount(Frozen):
    """Cases with a label: those that may teach, and those kept for testing."""

    training: int
    testing: int


class SiteCounts(Frozen):
    """What a site tells of its cases: numbers only."""

    cases: int
    kept_for_testing: int
    unlabeled: int
    refused: int
    labels: dict[str, LabelCount]


@dataclass(frozen=True)
class SurveyedCase:
    """A case that can be used, and the heads whose label it really has."""

    case: TrainingCase
    heads: frozenset[str]

    @property
    def is_test(self) -> bool:
        """True when no stage may learn from it."""
        return is_test_case(self.case.case_id)


@dataclass(frozen=True)
class SiteSurvey:
    """A folder of cases, looked through; sorted by case."""

    usable: tuple[SurveyedCase, ...]
    refused: tuple[RefusedCase, ...]

    @property
    def counts(self) -> SiteCounts:
        """What may be told of it."""
        return SiteCounts(
            cases=len(self.usable),
            kept_for_testing=sum(one.is_test for one in self.usable),
            unlabeled=sum(not one.heads for one in self.usable),
            refused=len(self.refused),
            labels={head: self._count(head) for head in HEADS},
        )

    def _count(self, head: str) -> LabelCount:
        labeled = [one for one in self.usable if head in one.heads]
        testing = sum(one.is_test for one in labeled)
        return LabelCount(training=len(labeled) - testing, testing=testing)


def survey_site(folder: Path) -> SiteSurvey:
    """Look through a folder of cases: phantoms, labeled cases, the study's layout.

    Headers and points are read, not whole images: thousands of cases take seconds.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when no case can be used.
    """
    usable, refused = [], []
    for case in find_cases(folder):
        try:
            usable.append(SurveyedCase(case, _labels_of(case)))
        except FedkdError as error:
            refused.append(RefusedCase(case=case.case_id, reason=error.what))
    if not usable:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"None of the {len(refused)} cases can be used; {refused[0].case}: {refused[0].reason}",
            where=folder,
            what_to_do="Correct the cases; Docs/labeled_cases.md says what they hold.",
        )
    return SiteSurvey(tuple(usable), tuple(refused))


def cases_to_learn_from(survey: SiteSurvey) -> list[SurveyedCase]:
    """Return the cases that are not kept for testing."""
    return [one for one in survey.usable if not one.is_test]


def count_labels(cases: Iterable[SurveyedCase], heads: Sequence[str]) -> dict[str, int]:
    """Return for each of these heads how many cases have its label."""
    cases = list(cases)
    return {head: sum(head in one.heads for one in cases) for head in heads}


def _labels_of(case: TrainingCase) -> frozenset[str]:
    """Return the heads that have a label.

    Raises:
        FedkdError: a file of the case cannot be used.
    """
    if (case.ct.parent / PROVENANCE_FILE).exists():
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            "It was made by a model: its points are no labels before a reader accepts them.",
            where=case.case_id,
            what_to_do="Import accepted cases: fedkd federation import-reviewed",
        )
    ct = read_grid(case.ct)
    heads = set()
    for head, points in read_point_heads(case).items():
        known = points[np.isfinite(points).all(axis=1)]
        outside = [point for point in known if not ct.contains(point)]
        if outside:
            raise FedkdError(
                ExitCode.TRAINING_DATA_INVALID,
                f"{len(outside)} of the {len(known)} points of {head} lie outside the CT.",
                where=case.case_id,
                what_to_do="Check that points and CT belong together.",
            )
        if len(known):
            heads.add(head)
    for head, path in (("calc", case.calcification), ("heart", case.heart)):
        if path is not None:
            read_grid(path)
            heads.add(head)
    return frozenset(heads)
