"""The whole prediction of one CT in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import SimpleITK as sitk

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.backends import ReadyModel, Target, make_ready
from fedkd.heart import HeartRegion
from fedkd.models import LoadedModel
from fedkd.pointsets import LandmarkPoint, PointList
from fedkd.prediction.calcium import Calcification, outline_calcification
from fedkd.prediction.doubts import doubts_about
from fedkd.prediction.localization import localize_root
from fedkd.prediction.root_passes import Consensus, look_at_root
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class PredictionOptions:
    """``heart``: where the heart is, when known from elsewhere. ``device`` and ``backend``: see `Target`."""

    heart: HeartRegion | None = None
    device: str = "auto"
    backend: str = "auto"


@dataclass(frozen=True)
class Prediction:
    """The result for one CT.

    Args:
        points: the seven landmarks in the order of ``anatomy.LANDMARKS``; undefined where not found.
        calcification: uint8 image, 0 or 1, in the CT's grid.
        calcification_threshold_hu: voxels above it count; None when the lumen's brightness was not found.
        heart_source: how the heart was found.
        notes: what is uncertain, in plain sentences for the reader.
        seconds_by_stage: how long each stage took.
        backend: what ran the networks: library, version, device, number format.
    """

    points: PointList
    calcification: sitk.Image
    calcification_threshold_hu: float | None
    heart_source: str
    notes: tuple[str, ...]
    seconds_by_stage: dict[str, float]
    backend: str = ""


@dataclass
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 3)


def predict_volume(ct: CtVolume, model: LoadedModel, options: PredictionOptions, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT.

    For many CTs `make_ready` is called once, and `predict_ready` for each.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view; those of `make_ready`.
    """
    return predict_ready(ct, make_ready(model, Target(options.backend, options.device)), options.heart, report)


def predict_ready(ct: CtVolume, model: ReadyModel, heart: HeartRegion | None, report: Report) -> Prediction:
    """Find the seven landmarks and the calcification in a contrast CT, with a model that is ready to run.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view.
    """
    clock = _Clock()
    with clock.stage("localize"):
        root = localize_root(ct, model.coarse, heart, part_of(report, 0.0, 0.3))
    with clock.stage("landmarks"):
        view = look_at_root(ct, model.student, root.center_lps_mm, part_of(report, 0.3, 0.85))
    with clock.stage("calcification"):
        report(ProgressEvent("calcification", 0.85, "Outlining the calcification"))
        calcification = outline_calcification(ct.image, view.maps, view.grid, view.crop_hu)
    report(ProgressEvent("calcification", 1.0, "Found what there is to find"))
    points = PointList(tuple(_point(name, view.landmarks.get(name)) for name in LANDMARK_NAMES))
    return Prediction(
        points=points,
        calcification=calcification.mask,
        calcification_threshold_hu=calcification.threshold_hu,
        heart_source=root.source,
        notes=(*doubts_about(view.landmarks), *_calcium_doubts(calcification)),
        seconds_by_stage=clock.seconds,
        backend=model.backend,
    )


def _point(name: str, found: Consensus | None) -> LandmarkPoint:
    if found is None:
        return LandmarkPoint(name, None)
    x, y, z = (float(value) for value in found.position_lps_mm)
    return LandmarkPoint(name, (x, y, z), confidence=found.confidence)


def _calcium_doubts(calcification: Calcification) -> tuple[str, ...]:
    if calcification.threshold_hu is not None:
        return ()
    return ("The blood in the aortic root was not clearly seen; the calcification's outline is the network's alone.",)
