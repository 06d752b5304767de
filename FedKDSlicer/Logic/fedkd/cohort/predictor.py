"""The seam between a case and the networks: all a worker needs to know of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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
    """Name and hash of the weights; ``members``: of each, where several models vote."""

    model_id: str
    sha256: str
    members: tuple[ModelIdentity, ...] = ()

    @classmethod
    def of_members(cls, members: Sequence[ModelIdentity]) -> ModelIdentity:
        """Return the identity of one model, or of several that vote; their order makes no difference.

        Raises:
            FedkdError: USAGE when a model is there twice, which would give it two votes.
        """
        if len(members) == 1:
            return members[0]
        ordered = sorted(members, key=lambda one: one.sha256)
        sha256 = common_sha256([one.sha256 for one in ordered])
        return cls(" + ".join(one.model_id for one in ordered), sha256, tuple(ordered))


def common_sha256(hashes: Sequence[str]) -> str:
    """Return the hash under which models vote: of one model its own, of several that of their sorted hashes.

    Raises:
        FedkdError: USAGE when a model is there twice, which would give it two votes.
    """
    if len(hashes) == 1:
        return hashes[0]
    if len(set(hashes)) < len(hashes):
        raise _given_twice()
    return hashlib.sha256("\n".join(sorted(hashes)).encode("ascii")).hexdigest()


def _given_twice() -> FedkdError:
    return FedkdError(
        ExitCode.USAGE,
        "The same model is given twice: it would have two votes.",
        where="--model",
        what_to_do="Give each model once.",
    )


class Predictor(Protocol):
    """One loaded model, or several that vote, ready for many CTs."""

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
    """Loads the models once for all cases, when the first case needs them."""

    def model_sha256(self, request: RunRequest) -> str:
        """Return the hash that the loaded predictor's `ModelIdentity` will have, without loading the weights.

        Raises:
            FedkdError: MODEL_NOT_FOUND or MODEL_INVALID.
        """
        ...

    def __call__(self, request: RunRequest) -> Predictor:
        """Return a predictor with the request's models, or the embedded one.

        Raises:
            FedkdError: MODEL_NOT_FOUND, MODEL_INVALID, no such device or backend, options that the model does not have.
        """
        ...


class NetworkPredictor:
    """The real one."""

    @staticmethod
    def model_sha256(request: RunRequest) -> str:
        """Return the hash of the request's models, without loading their weights."""
        from fedkd.models.identity import hash_of_model

        return common_sha256([hash_of_model(path) for path in _paths_of(request)])

    def __init__(self, request: RunRequest) -> None:
        from fedkd.backends import Target, choose_backend, make_ready
        from fedkd.models import EMBEDDED_MODEL_FOLDER, load_model
        from fedkd.prediction import require_possible_passes

        target = Target(request.backend, request.device)
        choose_backend(target)  # says at once when it is not there
        loaded = {path: load_model(path) for path in _paths_of(request)}
        self.model = ModelIdentity.of_members([ModelIdentity(one.model_id, one.sha256) for one in loaded.values()])
        for model in loaded.values():
            require_possible_passes(model.card, request.passes)
        conditioned = any(model.card.student.condition is not None for model in loaded.values())
        if request.heart_labels is not None and not conditioned:
            raise FedkdError(
                ExitCode.USAGE,
                "This model takes no label map of the heart.",
                where="--heart-labels",
                what_to_do="Leave it out.",
            )
        self._label_finder = _label_finder(request) if conditioned else None
        self._passes = request.passes
        ready = {path: make_ready(model, target) for path, model in loaded.items()}
        # Always in one order: sums of the same numbers in another order differ in their last digits.
        self._models = tuple(ready[path] for path in sorted(loaded, key=lambda path: loaded[path].sha256))
        wants_parts = conditioned and request.heart_labels is None
        wants_root = request.fast and any(model.localizer is None for model in loaded.values())
        embedded = None
        if wants_parts or wants_root:
            embedded = (ready.get(EMBEDDED_MODEL_FOLDER) or make_ready(load_model(), target)).coarse
        self._part_finder = embedded
        self._root_finder = embedded if request.fast else None

    def predict(self, ct: CtVolume, heart: HeartRegion | None, report: Report) -> Prediction:
        """Return points and calcification of a CT."""
        from fedkd.cohort.heart_label_finder import FoundLabels
        from fedkd.prediction import StudyOptions, predict_by_models

        found = FoundLabels(None) if self._label_finder is None else self._label_finder.find(ct, report)
        region = found.labels.region() if heart is None and found.labels is not None else heart
        options = StudyOptions(region, found.labels, self._part_finder, self._root_finder, self._passes)
        prediction = predict_by_models(ct, self._models, options, report)
        return replace(prediction, notes=(*found.notes, *prediction.notes))


def _paths_of(request: RunRequest) -> tuple[Path, ...]:
    """Return where the request's models are.

    Raises:
        FedkdError: MODEL_NOT_FOUND; USAGE when one is named twice.
    """
    from fedkd.models import EMBEDDED_MODEL_FOLDER, find_model

    paths = tuple(find_model(model).resolve() for model in request.models) or (EMBEDDED_MODEL_FOLDER,)
    if len(set(paths)) < len(paths):
        raise _given_twice()
    return paths


def _label_finder(request: RunRequest) -> HeartLabelFinder:
    from fedkd.cohort.heart_finder import their_device
    from fedkd.cohort.heart_label_finder import HeartLabelFinder
    from fedkd.heart import parse_label_mapping

    mapping = parse_label_mapping(request.heart_labels_map) if request.heart_labels_map else None
    return HeartLabelFinder(request.heart_labels, mapping, their_device(request.device))
