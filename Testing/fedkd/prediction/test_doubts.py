"""What the reader is told: missing points, disagreement, anatomy that does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fedkd.prediction.consensus import BetweenModels, Consensus
from fedkd.prediction.doubts import doubts_about

PLAUSIBLE = {
    "RCC": (0.0, -12.0, 0.0),
    "LCC": (10.4, 6.0, 0.0),
    "NCC": (-10.4, 6.0, 0.0),
    "RCO": (0.0, -14.0, 15.0),
    "LCO": (12.0, 7.0, 14.0),
    "MS1": (-9.0, -4.0, -1.0),
    "MS2": (-9.0, -4.0, -7.0),
}


def consensus(positions: dict[str, tuple[float, ...]], spread_mm: float = 0.5) -> dict[str, Consensus]:
    return {name: Consensus(np.array(position), 0.9, spread_mm) for name, position in positions.items()}


def test_plausible_landmarks_raise_no_doubt() -> None:
    assert doubts_about(consensus(PLAUSIBLE)) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"LCC": PLAUSIBLE["NCC"], "NCC": PLAUSIBLE["LCC"]}, "not in their usual order"),
        ({"RCO": (0.0, -14.0, -5.0)}, "RCO lies 5 mm below"),
        ({"NCC": (20.8, 24.0, 0.0)}, "on one line"),
        ({"RCC": (0.0, -60.0, 0.0)}, "mm wide"),
    ],
)
def test_implausible_landmarks_are_told(changes: dict[str, tuple[float, ...]], words: str) -> None:
    assert any(words in doubt for doubt in doubts_about(consensus({**PLAUSIBLE, **changes})))


APART = BetweenModels(("teacher", "student"), spread_mm=0.4, farthest_mm=6.2)


@pytest.mark.parametrize(
    ("between", "spread_mm", "doubts"),
    [
        (APART, 0.6, ("RCC: the models teacher and student place it up to 6.2 mm apart. Check it.",)),
        (replace(APART, farthest_mm=1.2), 2.6, ("RCC: repeated passes differ by 2.6 mm. Check it.",)),
        (replace(APART, farthest_mm=1.2), 1.2, ()),
        (None, None, ()),
    ],
)
def test_models_that_disagree_are_named(
    between: BetweenModels | None, spread_mm: float | None, doubts: tuple[str, ...]
) -> None:
    points = consensus(PLAUSIBLE)
    points["RCC"] = replace(points["RCC"], spread_mm=spread_mm, between=between)
    assert doubts_about(points) == doubts


def test_missing_and_disagreeing_points_are_told() -> None:
    points = consensus({name: p for name, p in PLAUSIBLE.items() if name not in ("RCC", "MS2")}, spread_mm=3.2)
    doubts = doubts_about(points)
    assert doubts[0].startswith("Not found: RCC, MS2.")
    assert "LCC: repeated passes differ by 3.2 mm. Check it." in doubts
