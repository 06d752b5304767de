"""A site's share of an evaluation: errors by case, without any case's name."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.case.segmentation_file import read_label_map
from fedkd.errors import FedkdError
from fedkd.evaluation.evaluate import true_positions
from fedkd.evaluation.score import dice, landmark_errors_mm
from fedkd.federation.averaging import Weights
from fedkd.federation.looks import Look, Looker
from fedkd.federation.place import SitePlace
from fedkd.federation.replies import EvaluatedCase, SiteReply
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.site_data import SurveyedCase
from fedkd.federation.task import EvaluateTask
from fedkd.geometry import Grid
from fedkd.progress import ProgressEvent, Report
from fedkd.training.cases import TrainingCase
from fedkd.volumes import resample_to_grid

# Neither label nor outline marks anything: right, but there is no overlap to measure.
NOTHING_TO_OVERLAP = -1.0


def evaluate_network(task: EvaluateTask, weights: Weights, place: SitePlace, report: Report) -> SiteAnswer:
    """Return how far the network is from this site's labels on cases that no stage learned from.

    Raises:
        FedkdError: TASK_REFUSED when the tensors do not fit the network; what makes a whole site unusable.
    """
    started = time.monotonic()
    heads = [head for head in task.network.network.heads if head in (*POINT_HEADS, "calc")]
    cases = unseen_cases(task, place, heads)
    looker = Looker(task.network, weights, place) if cases else None
    evaluated = []
    for number, one in enumerate(cases, start=1):
        assert looker is not None
        evaluated.append(_evaluate(one.case, looker, one.heads & set(heads)))
        report(ProgressEvent("evaluate", number / len(cases), f"case {number} of {len(cases)}"))
    reply = SiteReply(
        site=place.site,
        stage=task.stage,
        round=task.round,
        cases=len(cases),
        samples={head: sum(head in one.heads for one in cases) for head in heads},
        seconds=round(time.monotonic() - started, 3),
        evaluated=tuple(evaluated),
    )
    return SiteAnswer(reply)


def unseen_cases(task: EvaluateTask, place: SitePlace, heads: Sequence[str]) -> list[SurveyedCase]:
    """Return the labeled cases that no stage learned from: a held-out site's are unseen, each of them."""
    all_unseen = place.site in task.held_out
    labeled = (one for one in place.survey().usable if one.heads & set(heads))
    return [one for one in labeled if all_unseen or one.is_test]


def _evaluate(case: TrainingCase, looker: Looker, heads: frozenset[str] | set[str]) -> EvaluatedCase:
    names = {name for head in heads if head in POINT_HEADS for name in HEADS[head].channels[1:]}
    truth = {name: position for name, position in true_positions(case).items() if name in names}
    try:
        look = looker.look(case)
    except FedkdError:
        missing: dict[str, float | None] = dict.fromkeys(truth)
        return EvaluatedCase(errors_mm=missing, calcification_dice=_dice(case, None, heads), failed=True)
    errors = landmark_errors_mm(truth, look.points_lps_mm)
    rounded = {name: round(error, 3) if np.isfinite(error) else None for name, error in errors.items()}
    return EvaluatedCase(errors_mm=rounded, calcification_dice=_dice(case, look, heads))


def _dice(case: TrainingCase, look: Look | None, heads: frozenset[str] | set[str]) -> float | None:
    if "calc" not in heads or case.calcification is None:
        return None
    label = read_label_map(case.calcification)
    if look is None:
        return 0.0 if sitk.GetArrayViewFromImage(label).any() else NOTHING_TO_OVERLAP
    found = look.calcification
    label = resample_to_grid(label, Grid.of(found), sitk.sitkNearestNeighbor, 0)
    overlap = dice(*(sitk.GetArrayViewFromImage(image) > 0 for image in (label, found)))
    return round(overlap, 4) if np.isfinite(overlap) else NOTHING_TO_OVERLAP
