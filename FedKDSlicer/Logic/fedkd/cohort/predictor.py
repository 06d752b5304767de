"""The seam between a case and the networks: all a worker needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fedkd.progress import Report

if TYPE_CHECKING:
    from fedkd.heart import HeartRegion
    from fedkd.prediction import Prediction
    from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class ModelIdentity:
    """Name and hash of the weights."""

    model_id: str
    sha256: str


class Predictor(Protocol):
    """A loaded model, ready for many CTs."""

    @property
    def model(self) -> ModelIdentity:
        """Which weights these are."""
        ...

    def predict(self, ct: CtVolume, heart: HeartRegion | None, report: Report) -> Prediction:
        """Return points and calcification of a CT.

        Raises:
            FedkdError: such as HEART_NOT_FOUND or OUT_OF_MEMORY.
        """
        ...


class LoadPredictor(Protocol):
    """Loads a model once for all cases."""

    def __call__(self, model: Path | None, device: str) -> Predictor:
        """Return a predictor; ``model`` None means the embedded one.

        Raises:
            FedkdError: MODEL_NOT_FOUND, MODEL_INVALID, or no such device.
        """
        ...


class NetworkPredictor:
    """The real one."""

    def __init__(self, model: Path | None, device: str) -> None:
        from fedkd.backends import choose_device
        from fedkd.models import load_model

        choose_device(device)  # says at once when it is not there
        self._loaded = load_model(model)
        self._device = device

    @property
    def model(self) -> ModelIdentity:
        """Which weights these are."""
        return ModelIdentity(self._loaded.model_id, self._loaded.sha256)

    def predict(self, ct: CtVolume, heart: HeartRegion | None, report: Report) -> Prediction:
        """Return points and calcification of a CT."""
        from fedkd.prediction import PredictionOptions, predict_volume

        return predict_volume(ct, self._loaded, PredictionOptions(heart=heart, device=self._device), report)
