"""Confidence in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.confidence import HIGH_FROM, LOW_BELOW, Confidence, level_of

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.0, "low"), (LOW_BELOW - 1e-9, "low"), (LOW_BELOW, "fair"), (HIGH_FROM - 1e-9, "fair"), (HIGH_FROM, "high")],
)
def test_words_change_at_their_bounds(value: float, level: str) -> None:
    assert level_of(value) == level


@given(value=shares)
def test_a_number_that_is_not_calibrated_has_no_level_and_says_so(value: float) -> None:
    raw = Confidence(value)
    assert raw.level is None
    assert str(raw).endswith("(not calibrated)")
    assert raw.is_low == Confidence(value, is_calibrated=True).is_low == (value < LOW_BELOW)


@given(value=shares)
def test_no_probability_is_shown_as_certain(value: float) -> None:
    assert "1.00" not in Confidence(value, is_calibrated=True).number


@given(value=shares)
def test_a_number_that_is_shown_belongs_to_the_word_beside_it(value: float) -> None:
    shown = Confidence(value, is_calibrated=True)
    assert level_of(float(shown.number.removeprefix(">"))) == level_of(round(value, 8))
