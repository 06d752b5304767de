"""Several models vote on each landmark: only those that know it, by confidence, in any order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st

from fedkd.anatomy import HEADS, LANDMARK_NAMES
from fedkd.prediction.calcium_vote import CalciumVote, MarkedVolume, doubts_about_calcium
from fedkd.prediction.consensus import Consensus
from fedkd.prediction.doubts import doubts_about
from fedkd.prediction.ensemble import agree_on, common_opinion
from fedkd.prediction.opinion import Opinion

HPS, MS = HEADS["hps"].channels[1:], HEADS["ms"].channels[1:]
POSITION = st.tuples(*[st.floats(-200, 200)] * 3).map(np.array)
FOUND = st.builds(Consensus, POSITION, st.floats(0, 1), st.none() | st.floats(0, 9))


def opinion(number: int, looked_for: tuple[str, ...], landmarks: dict[str, Consensus]) -> Opinion:
    return Opinion(
        (f"model-{number}",), landmarks, looked_for, None, None, "somewhere", (), {"landmarks": 1.0}, "torch"
    )


@st.composite
def opinions(draw: st.DrawFn) -> list[Opinion]:
    """Models of all kinds that saw RCC, or did not, or do not know it."""
    seen = draw(st.lists(st.none() | FOUND, min_size=1, max_size=5))
    return [opinion(number, HPS, {} if one is None else {"RCC": one}) for number, one in enumerate(seen)]


def same(one: Consensus | None, other: Consensus | None) -> bool:
    if one is None or other is None:
        return one is other
    spreads = [-1.0 if each.spread_mm is None else each.spread_mm for each in (one, other)]
    close = np.allclose(one.position_lps_mm, other.position_lps_mm, atol=1e-9)
    return (
        close
        and spreads[0] == pytest.approx(spreads[1], abs=1e-6)
        and one.confidence == pytest.approx(other.confidence, abs=1e-9)
    )


@given(members=opinions(), data=st.data())
def test_order_of_the_models_makes_no_difference(members: list[Opinion], data: st.DataObject) -> None:
    other = data.draw(st.permutations(members))
    assert same(agree_on("RCC", members), agree_on("RCC", other))


@given(members=opinions(), place=st.integers(0, 5), found=FOUND)
def test_a_model_that_does_not_know_a_landmark_changes_nothing(
    members: list[Opinion], place: int, found: Consensus
) -> None:
    ignorant = opinion(9, MS, {"MS1": found})
    assert same(agree_on("RCC", members), agree_on("RCC", [*members[:place], ignorant, *members[place:]]))


@given(members=opinions())
def test_found_is_what_more_than_half_of_those_that_know_it_found(members: list[Opinion]) -> None:
    count = sum("RCC" in one.landmarks for one in members)
    assert (agree_on("RCC", members) is not None) == (2 * count > len(members))


@given(members=opinions())
def test_the_point_lies_among_the_models_points_and_is_not_surer_than_they_are(members: list[Opinion]) -> None:
    agreed = agree_on("RCC", members)
    if agreed is not None:
        points = np.array([one.landmarks["RCC"].position_lps_mm for one in members if "RCC" in one.landmarks])
        assert np.all(agreed.position_lps_mm >= points.min(axis=0) - 1e-9)
        assert np.all(agreed.position_lps_mm <= points.max(axis=0) + 1e-9)
        assert agreed.confidence <= max(one.landmarks["RCC"].confidence for one in members if "RCC" in one.landmarks)


@given(found=FOUND, count=st.integers(2, 5))
def test_identical_models_agree_and_keep_the_spread_of_one(found: Consensus, count: int) -> None:
    agreed = agree_on("RCC", [opinion(number, HPS, {"RCC": found}) for number in range(count)])
    assert agreed is not None
    assert agreed.spread_mm == pytest.approx(found.spread_mm or 0.0, abs=1e-6)
    assert agreed.confidence == pytest.approx(found.confidence, abs=1e-9)
    np.testing.assert_allclose(agreed.position_lps_mm, found.position_lps_mm, atol=1e-9)


def test_spread_holds_what_is_between_models_and_what_is_within() -> None:
    members = [
        opinion(n, HPS, {"RCC": Consensus(np.array([x, 0.0, 0.0]), 0.8, 4.0)}) for n, x in enumerate((-3.0, 3.0))
    ]
    agreed = agree_on("RCC", members)
    assert agreed is not None
    assert agreed.spread_mm == pytest.approx(5.0)
    assert agreed.between is not None
    assert (agreed.between.spread_mm, agreed.between.farthest_mm) == (pytest.approx(3.0), pytest.approx(6.0))


def test_teachers_of_one_task_each_give_all_seven_points_as_they_found_them() -> None:
    def found(names: tuple[str, ...]) -> dict[str, Consensus]:
        return {name: Consensus(np.array([float(len(name)), 1.0, 2.0]), 0.7, None) for name in names}

    hps, ms = opinion(1, HPS, found(HPS)), opinion(2, MS, found(MS))
    together = common_opinion([hps, ms], CalciumVote())
    assert tuple(together.landmarks) == together.looked_for == LANDMARK_NAMES
    assert together.landmarks["RCC"] is hps.landmarks["RCC"]
    assert together.landmarks["MS2"] is ms.landmarks["MS2"]
    assert together.models == ("model-1", "model-2")
    assert together.seconds_by_stage == {"landmarks": 2.0}
    assert (together.backend, together.heart_source) == ("torch", "somewhere")


def test_disagreement_becomes_a_doubt_that_names_the_models() -> None:
    far = [
        opinion(n, ("RCC",), {"RCC": Consensus(np.array([x, 0.0, 0.0]), 0.9, 0.3)}) for n, x in enumerate((0.0, 9.0))
    ]
    together = common_opinion(far, CalciumVote())
    doubts = doubts_about(together.landmarks, together.looked_for)
    assert doubts == ("RCC: the models model-0 and model-1 place it up to 9.0 mm apart. Check it.",)
    assert together.landmarks["RCC"].confidence < 0.2
    # A model that is hardly sure moves neither the point nor its spread, but it is told.
    hesitant = replace(far[1], landmarks={"RCC": replace(far[1].landmarks["RCC"], confidence=0.01)})
    together = common_opinion([far[0], hesitant], CalciumVote())
    assert together.landmarks["RCC"].spread_mm == pytest.approx(np.hypot(0.3, 9.0 * 0.01 / 0.9), abs=0.01)
    assert "up to 9.0 mm apart" in doubts_about(together.landmarks, together.looked_for)[0]


def test_what_only_some_models_found_is_told_whether_it_counts_or_not() -> None:
    point = {"RCC": Consensus(np.zeros(3), 0.9, None)}
    one_of_two = common_opinion([opinion(1, HPS, point), opinion(2, HPS, {})], CalciumVote())
    assert "RCC" not in one_of_two.landmarks
    assert one_of_two.notes == ("RCC: found by model-1, not by model-2.",)
    two_of_three = common_opinion([opinion(n, HPS, point if n < 3 else {}) for n in (1, 2, 3)], CalciumVote())
    assert "RCC" in two_of_three.landmarks
    assert two_of_three.notes == ("RCC: found by model-1, model-2, not by model-3.",)


@given(marks=st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6), ignorant=st.booleans())
def test_calcification_is_what_more_than_half_of_those_that_know_it_mark(
    marks: list[list[bool]], ignorant: bool
) -> None:
    vote = CalciumVote()
    for number, each in enumerate(marks):
        vote.add(f"model-{number}", sitk.GetImageFromArray(np.array(each, np.uint8).reshape(1, 2, 3)))
    if ignorant:
        vote.add("ignorant", None)
    majority = vote.majority()
    assert majority is not None
    assert majority.GetPixelID() == sitk.sitkUInt8
    expected = 2 * np.sum(marks, axis=0) > len(marks)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(majority).ravel(), expected)


def test_nobody_knows_calcification_and_nothing_is_marked() -> None:
    vote = CalciumVote()
    vote.add("teacher", None)
    assert vote.majority() is None
    assert doubts_about_calcium(vote.volumes) == ()


@pytest.mark.parametrize(("amounts", "told"), [((40.0, 0.0), False), ((100.0, 60.0), False), ((300.0, 100.0), True)])
def test_models_that_mark_different_amounts_are_told(amounts: tuple[float, ...], told: bool) -> None:
    doubts = doubts_about_calcium([MarkedVolume(f"model-{n}", mm3) for n, mm3 in enumerate(amounts)])
    assert bool(doubts) == told
    assert all("model-0" in doubt and "model-1" in doubt for doubt in doubts)
