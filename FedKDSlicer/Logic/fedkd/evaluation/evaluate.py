"""Running a model over labeled cases and scoring it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HEADS
from fedkd.backends import Target, make_ready
from fedkd.case.results import volume_mm3
from fedkd.case.segmentation_file import read_label_map
from fedkd.errors import FedkdError
from fedkd.evaluation.outlines import score_outlines
from fedkd.evaluation.score import CaseScore, Positions, annulus_angle_deg, dice, landmark_errors_mm, swapped_names
from fedkd.geometry import Grid
from fedkd.models import LoadedModel
from fedkd.phantom.files import seed_of
from fedkd.pointsets import PointList
from fedkd.prediction import Prediction, PredictionOptions, StudyOptions, predict_by_models
from fedkd.progress import silent
from fedkd.training.cases import TrainingCase
from fedkd.training.prepared import read_point_heads
from fedkd.volumes import read_ct, resample_to_grid


def true_positions(case: TrainingCase) -> Positions:
    """Return the labeled landmarks of a case in LPS mm."""
    positions = {}
    for head, points in read_point_heads(case).items():
        for name, position in zip(HEADS[head].channels[1:], points, strict=True):
            if np.isfinite(position).all():
                positions[name] = position
    return positions


def score_cases(
    cases: Sequence[TrainingCase], models: Sequence[LoadedModel], options: PredictionOptions
) -> Iterator[CaseScore]:
    """Yield the score of each case; one without a prediction counts as nothing found, calcification included.

    Several models vote, as in `fedkd predict`. Confidences are the models' own: a calibration, which they may serve to
    judge, is left aside.
    """
    target = Target(options.backend, options.device)
    ready = [make_ready(_without_calibration(model), target) for model in models]
    chosen = StudyOptions(region=options.heart, passes=options.passes)
    # Of a head that several have, the first one's outline is taken.
    class_names = {head: names for model in reversed(models) for head, names in model.card.student.class_names.items()}
    for case in cases:
        truth = true_positions(case)
        try:
            ct = read_ct(case.ct)
            prediction = predict_by_models(ct, ready, chosen, silent)
        except FedkdError as error:
            yield replace(_score_of_failure(case, truth, error), outlines=score_outlines(case, class_names, ()))
            continue
        yield replace(_score(case, truth, prediction), outlines=score_outlines(case, class_names, prediction.outlines))


def _without_calibration(model: LoadedModel) -> LoadedModel:
    return replace(model, card=model.card.model_copy(update={"calibration": None}))


def _score(case: TrainingCase, truth: Positions, prediction: Prediction) -> CaseScore:
    found = found_positions(prediction.points)
    overlap, volumes_mm3 = _score_calcification(case, prediction.calcification)
    return CaseScore(
        case_id=case.case_id,
        errors_mm=landmark_errors_mm(truth, found),
        confidences={p.label: p.confidence for p in prediction.points.points if p.confidence is not None},
        swapped=swapped_names(truth, found),
        annulus_angle_deg=annulus_angle_deg(truth, found),
        calcification_dice=overlap,
        calcification_mm3=volumes_mm3,
        phantom_seed=seed_of(case.ct.parent),
    )


def _score_of_failure(case: TrainingCase, truth: Positions, error: FedkdError) -> CaseScore:
    overlap, volumes_mm3 = _score_calcification(case, None)
    return CaseScore(
        case_id=case.case_id,
        errors_mm=dict.fromkeys(truth, float("nan")),
        confidences={},
        swapped=(),
        annulus_angle_deg=float("nan"),
        calcification_dice=overlap,
        calcification_mm3=volumes_mm3,
        error=error.what,
        phantom_seed=seed_of(case.ct.parent),
    )


def found_positions(points: PointList) -> Positions:
    """Return the defined points by label."""
    return {p.label: np.array(p.position_lps_mm) for p in points.points if p.position_lps_mm is not None}


def _score_calcification(
    case: TrainingCase, predicted: sitk.Image | None
) -> tuple[float | None, tuple[float, float] | None]:
    """Return Dice, and true and predicted volume in mm3; without a prediction nothing counts as found."""
    if case.calcification is None:
        return None, None
    label = read_label_map(case.calcification)
    if predicted is None:
        predicted = label * 0
    label = resample_to_grid(label, Grid.of(predicted), sitk.sitkNearestNeighbor, 0)
    truth, found = (sitk.GetArrayViewFromImage(image) > 0 for image in (label, predicted))
    return dice(truth, found), (volume_mm3(label), volume_mm3(predicted))
