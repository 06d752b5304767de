"""Which thresholds there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.measurement.calcium import CalciumThreshold


@given(st.integers(130, 2000))
def test_whole_hounsfield_units_are_a_threshold(value_hu: int) -> None:
    assert CalciumThreshold(str(value_hu)).fixed_hu == value_hu


def test_one_that_follows_the_blood_is_not_fixed() -> None:
    assert CalciumThreshold("lumen+100").fixed_hu is None
    assert CalciumThreshold("lumen+100") == CalciumThreshold.LUMEN_PLUS_100


@pytest.mark.parametrize("text", ["", "129", "2001", "0850", "850.0", "-850", "٨٥٠", "lumen+50", "8" * 5000, "nan"])
def test_anything_else_is_refused_in_words_for_users(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no calcium threshold: it is lumen\+100, or from 130 to 2000 HU"):
        CalciumThreshold(text)
