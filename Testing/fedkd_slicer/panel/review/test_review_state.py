"""What a reader can do to a review, in any order: nothing moves that was not meant, and everything can be undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.review import LandmarkReview, ReviewDocument
from fedkd_slicer.panel.review.history import History
from fedkd_slicer.panel.review.saved_form import SavedReview
from fedkd_slicer.panel.review.state import Landmark, NotAllowed, ReviewState

HERE = (1.0, 2.0, 3.0)


def review(state: str = "predicted") -> ReviewState:
    return ReviewState(tuple(Landmark(name, state, HERE, HERE) for name in LANDMARK_NAMES))


def saved() -> SavedReview:
    now = datetime.now(UTC)
    landmarks = tuple(LandmarkReview(label=n, state="predicted", position_lps_mm=HERE) for n in LANDMARK_NAMES)
    document = ReviewDocument(
        case="scan",
        model_id="m",
        calcium_threshold="850",
        landmarks=landmarks,
        started_utc=now,
        saved_utc=now,
        software="fedkd 1",
    )
    return SavedReview.read(json.loads(document.model_dump_json()), dict.fromkeys(LANDMARK_NAMES, HERE))


actions = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(LANDMARK_NAMES), st.floats(-100, 100)),
    st.tuples(st.sampled_from(["accept", "remove", "take back"]), st.sampled_from(LANDMARK_NAMES), st.just(0.0)),
    st.tuples(st.sampled_from(["all", "reject", "reopen", "undo", "redo"]), st.just(""), st.just(0.0)),
)


def perform(history: History, action: tuple[str, str, float]) -> None:
    kind, label, number = action
    state = history.state
    try:
        after = {
            "place": lambda: state.placed(label, (number, 0.0, 0.0)),
            "accept": lambda: state.accepted(label),
            "remove": lambda: state.removed(label),
            "take back": lambda: state.taken_back(label),
            "all": state.all_accepted,
            "reject": lambda: state.rejected("blurred"),
            "reopen": state.reopened,
        }.get(kind, lambda: state)()
    except NotAllowed:
        return
    if kind == "undo":
        history.undo("R1")
    elif kind == "redo":
        history.redo("R1")
    else:
        history.do(after, f"{kind} {label}".strip(), "R1")


@given(st.lists(actions, max_size=40))
def test_whatever_is_done_the_engine_takes_it_and_undo_leads_back(done: list[tuple[str, str, float]]) -> None:
    start = saved()
    history = History(start.state, start.events)
    for action in done:
        before = history.state
        perform(history, action)
        if action[0] in ("place", "accept", "remove", "take back"):
            others = [one for one in history.state.landmarks if one.label != action[1]]
            assert others == [one for one in before.landmarks if one.label != action[1]], "one landmark, never two"
    document = start.with_history(history, "R1").document()
    taken = ReviewDocument.model_validate_json(json.dumps(document))
    assert (
        SavedReview.read(json.loads(taken.model_dump_json()), dict.fromkeys(LANDMARK_NAMES, HERE)).state
        == history.state
    )
    while history.undo("R1"):
        pass
    assert history.state == start.state
    assert len(history.events) >= len(start.events)


def test_an_accepted_point_is_locked_until_that_is_taken_back() -> None:
    state = review().accepted("RCC")
    for change in (lambda: state.placed("RCC", (0, 0, 0)), lambda: state.removed("RCC")):
        with pytest.raises(NotAllowed, match="Press Space to unlock"):
            change()
    assert state.taken_back("RCC").placed("RCC", (0, 0, 0)).landmark("RCC").position_lps_mm == (0, 0, 0)


def test_a_point_is_called_corrected_only_where_nobody_had_it_before() -> None:
    state = review().accepted("RCC").taken_back("RCC")
    assert state.landmark("RCC").state == "predicted"
    moved = state.placed("RCC", (9.0, 9.0, 9.0))
    assert moved.landmark("RCC").state == moved.accepted("RCC").taken_back("RCC").landmark("RCC").state == "corrected"
    assert moved.placed("RCC", HERE).landmark("RCC").state == "predicted"


def test_moving_a_point_of_an_accepted_case_opens_the_case_again() -> None:
    state = review().all_accepted()
    assert state.decision == "accepted"
    assert state.taken_back("LCO").decision == "open"


def test_a_case_with_missing_points_can_be_accepted_and_one_without_any_cannot() -> None:
    state = review().removed("MS1").all_accepted()
    assert (state.decision, state.landmark("MS1").state) == ("accepted", "missing")
    nothing = review()
    for name in LANDMARK_NAMES:
        nothing = nothing.removed(name)
    with pytest.raises(NotAllowed, match="Place the landmarks, or reject"):
        nothing.all_accepted()


def test_a_case_is_rejected_with_a_reason_or_not_at_all() -> None:
    with pytest.raises(NotAllowed, match="reason"):
        review().rejected("  ")
    assert review().rejected(" motion ").reason == "motion"


def test_what_changes_nothing_is_no_step() -> None:
    history = History(review())
    assert not history.do(history.state.reopened(), "reopen", "R1")
    assert history.undo_text == ""
    assert not history.undo("R1")


def test_a_new_step_ends_what_could_be_done_again() -> None:
    history = History(review())
    history.do(history.state.accepted("RCC"), "Accepted RCC", "R1")
    history.undo("R1")
    assert history.redo_text == "Accepted RCC"
    history.do(history.state.accepted("LCC"), "Accepted LCC", "R1")
    assert history.redo_text == ""
    assert [event.action for event in history.events] == ["Accepted RCC", "Undid: Accepted RCC", "Accepted LCC"]
