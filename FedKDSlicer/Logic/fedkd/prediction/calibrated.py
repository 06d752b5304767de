"""From a model's own confidences to probabilities, where the model says what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedkd.backends import ReadyModel
from fedkd.confidence import Calibration
from fedkd.passes import Passes
from fedkd.pointsets import LandmarkPoint
from fedkd.prediction.result import Prediction
from fedkd.prediction.study_prediction import StudyOptions


def calibrated(prediction: Prediction, models: Sequence[ReadyModel], options: StudyOptions) -> Prediction:
    """Return the prediction with calibrated confidences, or as it is where no calibration holds for it.

    A calibration is that of one model, used as it is meant to be: other passes, and models that vote, have other
    confidences.
    """
    is_usual = len(models) == 1 and options.passes is Passes.STANDARD and options.root_finder is None
    calibration = models[0].card.calibration if is_usual else None
    if calibration is None:
        return prediction
    points = tuple(_calibrated(point, calibration) for point in prediction.points)
    return replace(prediction, points=replace(prediction.points, points=points), calibration=calibration)


def _calibrated(point: LandmarkPoint, calibration: Calibration) -> LandmarkPoint:
    if point.confidence is None:
        return point
    return replace(point, confidence=calibration.probability(point.confidence), is_calibrated=True)
