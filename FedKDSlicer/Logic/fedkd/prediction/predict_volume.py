"""The whole prediction of one CT in memory."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.backends import ReadyModel, Target, make_ready
from fedkd.heart import HeartLabels, HeartRegion
from fedkd.models import LoadedModel, load_model
from fedkd.prediction.calcium import Calcification, outline_calcification
from fedkd.prediction.doubts import doubts_about
from fedkd.prediction.localization import localize_root
from fedkd.prediction.result import Clock, Prediction, all_points
from fedkd.prediction.root_passes import look_at_root
from fedkd.prediction.study_prediction import StudyOptions, predict_as_study
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class PredictionOptions:
    """What goes with a CT.

    Args:
        heart: where the heart is, when known from elsewhere.
        device: see `Target`, like ``backend``.
        heart_labels: the heart's parts, for conditioned models of the study; without them the embedded model looks.
        fast: models of the study look around the root only, which the embedded model finds.
    """

    heart: HeartRegion | None = None
    device: str = "auto"
    backend: str = "auto"
    heart_labels: HeartLabels | None = None
    fast: bool = False


def predict_volume(ct: CtVolume, model: LoadedModel, options: PredictionOptions, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT.

    For many CTs `make_ready` is called once, and `predict_ready` for each.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view; those of `make_ready`.
    """
    target = Target(options.backend, options.device)
    ready = make_ready(model, target)
    if ready.localizer is not None:
        return predict_ready(ct, ready, options.heart, report)
    wants_parts = model.card.student.condition is not None and options.heart_labels is None
    finder = make_ready(load_model(), target).coarse if wants_parts or options.fast else None
    study = StudyOptions(options.heart, options.heart_labels, finder, finder if options.fast else None)
    return predict_as_study(ct, ready, study, report)


def predict_ready(ct: CtVolume, model: ReadyModel, heart: HeartRegion | None, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT, with a model that is ready to run.

    A model without a localizer is used as in the study; `predict_as_study` lets one say more.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view.
    """
    if model.localizer is None:
        return predict_as_study(ct, model, StudyOptions(region=heart), report)
    clock = Clock()
    with clock.stage("localize"):
        root = localize_root(ct, model.coarse, heart, part_of(report, 0.0, 0.3))
    with clock.stage("landmarks"):
        view = look_at_root(ct, model.student, root.center_lps_mm, part_of(report, 0.3, 0.85))
    with clock.stage("calcification"):
        report(ProgressEvent("calcification", 0.85, "Outlining the calcification"))
        calcification = outline_calcification(ct.image, view.maps, view.grid, view.crop_hu)
    report(ProgressEvent("calcification", 1.0, "Found what there is to find"))
    return Prediction(
        points=all_points(view.landmarks),
        calcification=calcification.mask,
        calcification_threshold_hu=calcification.threshold_hu,
        heart_source=root.source,
        notes=(*doubts_about(view.landmarks), *_calcium_doubts(calcification)),
        seconds_by_stage=clock.seconds,
        backend=model.backend,
    )


def _calcium_doubts(calcification: Calcification) -> tuple[str, ...]:
    if calcification.threshold_hu is not None:
        return ()
    return ("The blood in the aortic root was not clearly seen; the calcification's outline is the network's alone.",)
