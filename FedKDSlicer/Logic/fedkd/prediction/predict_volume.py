"""The whole prediction of one CT in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fedkd.backends import ReadyModel, Target, make_ready
from fedkd.heart import HeartLabels, HeartRegion
from fedkd.models import LoadedModel, load_model
from fedkd.passes import Passes
from fedkd.prediction.calibrated import calibrated
from fedkd.prediction.ensemble import ask_all
from fedkd.prediction.opinion import prediction_of
from fedkd.prediction.result import Prediction
from fedkd.prediction.study_prediction import StudyOptions
from fedkd.progress import Report
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class PredictionOptions:
    """What goes with a CT.

    Args:
        heart: where the heart is, when known from elsewhere.
        device: see `Target`, like ``backend``.
        heart_labels: the heart's parts, for conditioned models of the study; without them the embedded model looks.
        fast: models of the study look around the root only, which the embedded model finds.
        passes: how often the model looks.
    """

    heart: HeartRegion | None = None
    device: str = "auto"
    backend: str = "auto"
    heart_labels: HeartLabels | None = None
    fast: bool = False
    passes: Passes = Passes.STANDARD


def predict_volume(ct: CtVolume, model: LoadedModel, options: PredictionOptions, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT.

    For many CTs `make_ready` is called once, and `predict_ready` for each.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view; those of `make_ready`.
    """
    target = Target(options.backend, options.device)
    ready = make_ready(model, target)
    wants_parts = model.card.student.condition is not None and options.heart_labels is None
    wants_help = ready.localizer is None and (wants_parts or options.fast)
    finder = make_ready(load_model(), target).coarse if wants_help else None
    root_finder = finder if options.fast else None
    chosen = StudyOptions(options.heart, options.heart_labels, finder, root_finder, options.passes)
    return predict_by_models(ct, (ready,), chosen, report)


def predict_ready(ct: CtVolume, model: ReadyModel, heart: HeartRegion | None, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT, with a model that is ready to run.

    `predict_by_models` lets one say more.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view.
    """
    return predict_by_models(ct, (model,), StudyOptions(region=heart), report)


def predict_by_models(ct: CtVolume, models: Sequence[ReadyModel], options: StudyOptions, report: Report) -> Prediction:
    """Find what the models know in a contrast CT; several of them vote.

    Raises:
        FedkdError: HEART_NOT_FOUND when one of them sees no heart with an aortic root; USAGE when one of them needs
            the heart's parts and there is nothing to find them with, or cannot make these passes.
    """
    return calibrated(prediction_of(ask_all(ct, models, options, report), ct), models, options)
