"""From a CT in memory to landmarks and calcification."""

from fedkd.prediction.predict_volume import PredictionOptions, predict_by_models, predict_ready, predict_volume
from fedkd.prediction.reference_passes import require_possible_passes
from fedkd.prediction.result import Prediction
from fedkd.prediction.study_prediction import StudyOptions

__all__ = [
    "Prediction",
    "PredictionOptions",
    "StudyOptions",
    "predict_by_models",
    "predict_ready",
    "predict_volume",
    "require_possible_passes",
]
