"""From a CT in memory to landmarks and calcification."""

from fedkd.prediction.predict_volume import Prediction, PredictionOptions, predict_ready, predict_volume

__all__ = ["Prediction", "PredictionOptions", "predict_ready", "predict_volume"]
