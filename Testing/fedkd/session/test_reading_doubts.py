"""Exchanged points of a reading are asked about; a reading in order is not."""

from __future__ import annotations

import pytest

from builders.soft_root import ROOT
from fedkd.geometry import Grid
from fedkd.session.reading_doubts import reading_doubts

TRUTH = ROOT.landmarks_lps_mm()
GRID = Grid.centered(TRUTH["RCC"], (200, 200, 200), 1.0)


def exchanged(one: str, other: str) -> dict[str, tuple[float, float, float]]:
    return {**TRUTH, one: TRUTH[other], other: TRUTH[one]}


def test_points_where_anatomy_has_them_raise_no_doubt() -> None:
    assert reading_doubts(TRUTH, GRID) == ()


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("RCC", "LCC", "not in their usual order"),
        ("RCC", "NCC", "not in their usual order"),
        ("RCO", "LCO", "lies over the hinge point"),
        ("MS1", "MS2", "below MS2"),
    ],
)
def test_exchanged_points_are_asked_about(one: str, other: str, words: str) -> None:
    assert words in " ".join(reading_doubts(exchanged(one, other), GRID))


def test_few_points_raise_no_doubt() -> None:
    assert reading_doubts({}, GRID) == ()
    assert reading_doubts({"RCC": TRUTH["RCC"], "MS1": TRUTH["MS1"]}, GRID) == ()
