"""The double that other tests use has the shape of the real thing."""

from __future__ import annotations

import dataclasses
import inspect

from doubles.worker import DoublePrediction, DoublePredictor
from fedkd.cohort.predictor import NetworkPredictor
from fedkd.prediction import Prediction


def test_double_has_the_fields_of_a_prediction() -> None:
    assert {field.name for field in dataclasses.fields(DoublePrediction)} == {
        field.name for field in dataclasses.fields(Prediction)
    }


def test_double_has_the_interface_of_the_predictor() -> None:
    for method in ("__init__", "predict"):
        double, real = (inspect.signature(getattr(kind, method)) for kind in (DoublePredictor, NetworkPredictor))
        assert list(double.parameters) == list(real.parameters)
