"""Running a model over labeled cases and scoring it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HEADS
from fedkd.case.segmentation_file import read_label_map
from fedkd.errors import FedkdError
from fedkd.evaluation.score import CaseScore, Positions, annulus_angle_deg, dice, landmark_errors_mm, swapped_names
from fedkd.geometry import Grid
from fedkd.models import LoadedModel
from fedkd.pointsets import PointList
from fedkd.prediction import Prediction, PredictionOptions, predict_volume
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


def score_cases(cases: Sequence[TrainingCase], model: LoadedModel, options: PredictionOptions) -> Iterator[CaseScore]:
    """Yield the score of each case; a case without a prediction counts as all landmarks missing."""
    for case in cases:
        truth = true_positions(case)
        try:
            ct = read_ct(case.ct)
            prediction = predict_volume(ct, model, options, silent)
        except FedkdError as error:
            missing = dict.fromkeys(truth, float("nan"))
            yield CaseScore(case.case_id, missing, {}, (), float("nan"), None, None, error.what)
            continue
        yield _score(case, truth, prediction)


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
    )


def found_positions(points: PointList) -> Positions:
    """Return the defined points by label."""
    return {p.label: np.array(p.position_lps_mm) for p in points.points if p.position_lps_mm is not None}


def _score_calcification(case: TrainingCase, predicted: sitk.Image) -> tuple[float | None, tuple[float, float] | None]:
    if case.calcification is None:
        return None, None
    label = resample_to_grid(read_label_map(case.calcification), Grid.of(predicted), sitk.sitkNearestNeighbor, 0)
    truth, found = (sitk.GetArrayViewFromImage(image) > 0 for image in (label, predicted))
    voxel_mm3 = float(np.prod(predicted.GetSpacing()))
    return dice(truth, found), (float(truth.sum()) * voxel_mm3, float(found.sum()) * voxel_mm3)
