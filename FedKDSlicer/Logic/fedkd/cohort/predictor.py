"""The seam between a case and the networks: all a worker needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from fedkd.errors import ExitCode, FedkdError
from fedkd.progress import Report

if TYPE_CHECKING:
    from fedkd.cohort.heart_label_finder import HeartLabelFinder
    from fedkd.cohort.messages import RunRequest
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
    """Loads a model once for all cases, when the first case needs it."""

    def model_sha256(self, request: RunRequest) -> str:
        """Return the hash that the loaded predictor's `ModelIdentity` will have, without loading the weights.

        Raises:
            FedkdError: MODEL_NOT_FOUND or MODEL_INVALID.
        """
        ...

    def __call__(self, request: RunRequest) -> Predictor:
        """Return a predictor with the request's model, or the embedded one.

        Raises:
            FedkdError: MODEL_NOT_FOUND, MODEL_INVALID, no such device or backend, options that the model does not have.
        """
        ...


class NetworkPredictor:
    """The real one."""

    @staticmethod
    def model_sha256(request: RunRequest) -> str:
        """Return the hash of the request's model, without loading its weights."""
        from fedkd.models import find_model
        from fedkd.models.identity import hash_of_model

        return hash_of_model(None if request.model is None else find_model(request.model))

    def __init__(self, request: RunRequest) -> None:
        from fedkd.backends import Target, choose_backend, make_ready
        from fedkd.models import find_model, load_model

        target = Target(request.backend, request.device)
        choose_backend(target)  # says at once when it is not there
        model = load_model(None if request.model is None else find_model(request.model))
        self.model = ModelIdentity(model.model_id, model.sha256)
        self._ready = make_ready(model, target)
        self._label_finder = _label_finder(request) if model.card.student.condition is not None else None
        if request.heart_labels is not None and self._label_finder is None:
            raise FedkdError(
                ExitCode.USAGE,
                "This model takes no label map of the heart.",
                where="--heart-labels",
                what_to_do="Leave it out.",
            )
        wants_parts = self._label_finder is not None and request.heart_labels is None
        wants_help = model.localizer is None and (request.fast or wants_parts)
        embedded = make_ready(load_model(), target).coarse if wants_help else None
        self._part_finder = embedded
        self._root_finder = embedded if request.fast else None

    def predict(self, ct: CtVolume, heart: HeartRegion | None, report: Report) -> Prediction:
        """Return points and calcification of a CT."""
        from fedkd.cohort.heart_label_finder import FoundLabels
        from fedkd.prediction import StudyOptions, predict_as_study, predict_ready

        if self._ready.localizer is not None:
            return predict_ready(ct, self._ready, heart, report)
        found = FoundLabels(None) if self._label_finder is None else self._label_finder.find(ct, report)
        region = found.labels.region() if heart is None and found.labels is not None else heart
        options = StudyOptions(region, found.labels, self._part_finder, self._root_finder)
        prediction = predict_as_study(ct, self._ready, options, report)
        return replace(prediction, notes=(*found.notes, *prediction.notes))


def _label_finder(request: RunRequest) -> HeartLabelFinder:
    from fedkd.cohort.heart_finder import their_device
    from fedkd.cohort.heart_label_finder import HeartLabelFinder
    from fedkd.heart import parse_label_mapping

    mapping = parse_label_mapping(request.heart_labels_map) if request.heart_labels_map else None
    return HeartLabelFinder(request.heart_labels, mapping, their_device(request.device))
