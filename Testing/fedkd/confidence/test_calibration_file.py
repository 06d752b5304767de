"""A calibration comes with packages of anyone: what cannot be one is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.calibrations import calibration
from fedkd.confidence import Calibration, counts_of, wilson_interval
from fedkd.confidence.calibration import MOST_KNOTS

KNOTS = ({"raw": 0.0, "probability": 0.1}, {"raw": 1.0, "probability": 0.9})


def knots(*pairs: tuple[float, float]) -> dict[str, Any]:
    return {"knots": [{"raw": raw, "probability": probability} for raw, probability in pairs]}


def changed(place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    values = calibration().model_dump(mode="json")
    inside = values
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return values


def test_what_was_written_is_read_again() -> None:
    one = calibration()
    assert Calibration.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (knots((0, 0.5), (0.5, 0.4), (1, 0.9)), "falls"),
        (knots((0, 0.5), (0.5, 0.6), (0.5, 0.7), (1, 0.9)), "in order"),
        (knots((0, 0.5), (0.6, 0.6), (0.5, 0.7), (1, 0.9)), "in order"),
        (knots((0.1, 0.5), (1, 0.9)), "reach from 0 to 1"),
        (knots((0, 0.5), (0.9, 0.9)), "reach from 0 to 1"),
        (knots((0, 0.5)), "at least 2"),
        (knots((0, 0.5), (1, 1.5)), "less than or equal to 1"),
        (knots((0, -0.5), (1, 0.5)), "greater than or equal to 0"),
        (knots(*((n / MOST_KNOTS, n / MOST_KNOTS) for n in range(MOST_KNOTS + 1))), f"at most {MOST_KNOTS}"),
        ({"near_mm": 8.0}, "calibrated to 8 mm"),
        ({"method": "\x1b[2J"}, "no text"),
        ({"commands": ["a"] * 11}, "at most 10"),
        ({"script": "import os"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_a_calibration_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Calibration.model_validate_json(json.dumps(calibration().model_dump(mode="json") | fields))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("held_out", "bins", 0, "near"), 3),
        (("held_out", "bins", 0, "points"), 5),
        (("held_out", "bins", 0, "high"), 0.3),
        (("held_out", "bins", 0, "mean_probability"), 0.9),
        (("held_out", "bins", 0, "mean_probability"), None),
        (("held_out", "bins"), []),
        (("held_out", "points"), 7),
        (("fitted_on", "cases"), 0),
        (("fitted_on", "seeds"), list(range(101))),
        (("made_on"), "yesterday"),
    ],
)
def test_a_proof_that_contradicts_itself_is_refused(place: tuple[str | int, ...], value: object) -> None:
    where = place if isinstance(place, tuple) else (place,)
    with pytest.raises(ValidationError):
        Calibration.model_validate_json(json.dumps(changed(where, value)))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    text = calibration().model_dump_json().replace('"probability":0.8', f'"probability":{number}')
    assert number in text
    with pytest.raises(ValidationError):
        Calibration.model_validate_json(text)


def test_bins_must_end_where_words_change() -> None:
    bins = [{"low": 0.0, "high": 1.0, "points": 300, "near": 290, "mean_probability": 0.9}]
    with pytest.raises(ValidationError, match="where the words change"):
        Calibration.model_validate_json(json.dumps(changed(("held_out", "bins"), bins)))


@given(raw=st.lists(st.floats(0, 1), min_size=2))
def test_probabilities_are_shares_and_never_fall(raw: list[float]) -> None:
    found = [calibration().probability(one) for one in sorted(raw)]
    assert all(0 <= one <= 1 for one in found)
    assert (np.diff(found) >= 0).all()


def test_levels_count_their_bins() -> None:
    bins = calibration().held_out.bins
    assert counts_of(bins, "low") == (6, 1)
    assert counts_of(bins, "fair") == (65, 57)
    assert counts_of(bins, "high") == (229, 227)


def test_intervals_are_those_of_wilson() -> None:
    # 10 of 20: the center is 0.5, the half width z / (2 sqrt(n + z^2)) with z = 1.96.
    half = 1.959964 / (2 * np.sqrt(20 + 1.959964**2))
    assert wilson_interval(10, 20) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    assert wilson_interval(0, 0) == (0.0, 1.0)
