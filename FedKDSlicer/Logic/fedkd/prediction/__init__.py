"""From a CT in memory to landmarks and calcification."""

from fedkd.prediction.predict_volume import PredictionOptions, predict_ready, predict_volume
from fedkd.prediction.result import Prediction
from fedkd.prediction.study_prediction import StudyOptions, predict_as_study

__all__ = [
    "Prediction",
    "PredictionOptions",
    "StudyOptions",
    "predict_as_study",
    "predict_ready",
    "predict_volume",
]
