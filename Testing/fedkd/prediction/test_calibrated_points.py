"""Confidences leave a prediction as probabilities exactly where a calibration holds for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import SimpleITK as sitk

from builders.calibrations import calibration
from fedkd.passes import Passes
from fedkd.pointsets import LandmarkPoint, PointList
from fedkd.prediction.calibrated import calibrated
from fedkd.prediction.result import Prediction
from fedkd.prediction.study_prediction import StudyOptions

RAW = Prediction(
    PointList((LandmarkPoint("RCC", (1.0, 2.0, 3.0), 0.5, spread_mm=1.0), LandmarkPoint("LCC", None)), ("a note",)),
    sitk.Image(2, 2, 2, sitk.sitkUInt8),
    None,
    "model",
    (),
    {},
)


def model(known: object) -> Any:
    return SimpleNamespace(card=SimpleNamespace(calibration=known))


def test_a_model_used_as_meant_gives_probabilities() -> None:
    made = calibrated(RAW, (model(calibration()),), StudyOptions())
    assert made.points["RCC"] == LandmarkPoint("RCC", (1.0, 2.0, 3.0), 0.8, spread_mm=1.0, is_calibrated=True)
    assert made.points["LCC"] == LandmarkPoint("LCC", None)
    assert made.points.notes == ("a note",)
    assert made.calibration == calibration()


@pytest.mark.parametrize(
    ("models", "options"),
    [
        ((model(None),), StudyOptions()),
        ((model(calibration()), model(calibration())), StudyOptions()),
        ((model(calibration()),), StudyOptions(passes=Passes.QUICK)),
        ((model(calibration()),), StudyOptions(root_finder=SimpleNamespace())),
    ],
    ids=["no calibration", "several models", "other passes", "another procedure"],
)
def test_elsewhere_numbers_stay_the_models_own(models: tuple[Any, ...], options: StudyOptions) -> None:
    assert calibrated(RAW, models, options) is RAW
    assert RAW.points["RCC"].confidence_level is None
