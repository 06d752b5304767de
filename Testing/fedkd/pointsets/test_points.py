"""Points and lists of points keep their promises."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.pointsets import LandmarkPoint, PointList


def test_a_list_is_looked_up_by_label_and_keeps_its_order():
    points = PointList.from_positions({"RCC": (1, 2, 3), "LCC": None, "NCC": np.array([4.0, 5.0, 6.0])}, {"RCC": 0.25})

    assert points.labels == ("RCC", "LCC", "NCC")
    assert points["RCC"] == LandmarkPoint("RCC", (1.0, 2.0, 3.0), 0.25)
    assert "LCC" in points
    assert "MS1" not in points
    assert points.position_lps_mm("LCC") is None
    assert points.position_lps_mm("MS1") is None
    assert points.missing(LANDMARK_NAMES) == ("LCC", "RCO", "LCO", "MS1", "MS2")
    assert points.defined_positions_lps_mm() == {"RCC": (1.0, 2.0, 3.0), "NCC": (4.0, 5.0, 6.0)}
    with pytest.raises(KeyError):
        points["MS1"]


@pytest.mark.parametrize("label", ["", " ", " RCC", "R\nCC", "R\x00", "\ud800", "x" * 201])
def test_labels_that_files_cannot_hold_are_refused(label):
    with pytest.raises(ValueError, match="label"):
        LandmarkPoint(label, None)


@pytest.mark.parametrize("coordinate", [math.nan, math.inf, -math.inf, 10_000.1, -1e300])
def test_coordinates_that_nobody_can_mean_are_refused(coordinate):
    with pytest.raises(ValueError, match="coordinate"):
        LandmarkPoint("RCC", (0.0, coordinate, 0.0))


@pytest.mark.parametrize("spread_mm", [-0.01, 1e5, math.nan, math.inf])
def test_a_spread_is_a_length(spread_mm):
    with pytest.raises(ValueError, match="spread"):
        LandmarkPoint("RCC", None, spread_mm=spread_mm)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, math.nan])
def test_a_confidence_lies_between_0_and_1(confidence):
    with pytest.raises(ValueError, match="confidence"):
        LandmarkPoint("RCC", None, confidence)


def test_a_label_is_used_once():
    with pytest.raises(ValueError, match="more than one"):
        PointList((LandmarkPoint("RCC", None), LandmarkPoint("RCC", (1.0, 2.0, 3.0))))


def test_positions_have_three_coordinates():
    with pytest.raises(ValueError, match="three"):
        PointList.from_positions({"RCC": (1.0, 2.0)})
