"""Several passes vote: the majority decides that a point is there, the mean where, the spread how sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.landmarks import Located
from fedkd.prediction.consensus import agree

POSITION = st.tuples(*[st.floats(-200, 200)] * 3).map(np.array)
VOTES = st.lists(st.none() | st.builds(Located, POSITION, st.floats(0, 1)), min_size=1, max_size=6)


def votes_of(seen: list[Located | None]) -> list[dict[str, Located]]:
    return [{} if one is None else {"RCC": one} for one in seen]


@given(seen=VOTES)
def test_majority_decides_and_nobody_elses_name_is_taken(seen: list[Located | None]) -> None:
    count = sum(one is not None for one in seen)
    result = agree("RCC", votes_of(seen))
    assert (result is not None) == (count > len(seen) / 2)
    assert agree("LCC", votes_of(seen)) is None


@given(seen=VOTES)
def test_confidence_is_never_above_that_of_the_passes(seen: list[Located | None]) -> None:
    result = agree("RCC", votes_of(seen))
    if result is not None:
        assert 0 <= result.confidence <= max(one.confidence for one in seen if one is not None) + 1e-9


@given(position=POSITION, passes=st.integers(2, 6), confidence=st.floats(0, 1))
def test_passes_that_agree_keep_place_and_confidence(position: np.ndarray, passes: int, confidence: float) -> None:
    result = agree("RCC", votes_of([Located(position, confidence)] * passes))
    assert result is not None
    assert np.allclose(result.position_lps_mm, position)
    assert result.spread_mm == pytest.approx(0, abs=1e-9)
    assert result.confidence == pytest.approx(confidence)


@given(position=POSITION, confidence=st.floats(0, 1))
def test_a_single_pass_keeps_place_and_confidence_and_has_no_spread(position: np.ndarray, confidence: float) -> None:
    result = agree("RCC", votes_of([Located(position, confidence)]))
    assert result is not None
    assert np.array_equal(result.position_lps_mm, position)
    assert result.spread_mm is None
    assert result.confidence == confidence


def test_spread_of_two_millimeters_halves_the_confidence() -> None:
    apart = [Located(np.array([x, 0.0, 0.0]), 0.8) for x in (-2.0, 2.0)]
    result = agree("RCC", votes_of(list(apart)))
    assert result is not None
    assert result.spread_mm == pytest.approx(2)
    assert result.confidence == pytest.approx(0.4)


def test_a_vote_at_the_edge_of_being_seen_hardly_moves_the_point() -> None:
    near, far = np.zeros(3), np.array([6.0, 0.0, 0.0])
    result = agree("RCC", votes_of([Located(near, 0.9), Located(near, 0.9), Located(far, 0.01)]))
    assert result is not None
    assert np.linalg.norm(result.position_lps_mm - near) < 0.1
