"""One site of three fails in every way: the round goes on with the others, says why, and the site comes back."""

from __future__ import annotations

import pytest

from builders.federation_course import DEADLINE_S, Course

GOOD = ["alpha", "beta"]


def _answered(course: Course, stage: str) -> list[str]:
    line = course.round_of(stage)
    return sorted(answer["site"] for answer in line["answers"] if answer["site"] not in line["refused"])


@pytest.mark.parametrize(("stage", "reason"), [("nan", "no finite numbers"), ("shapes", "has shape (3, 3) instead of")])
def test_tensors_that_cannot_be_used_are_refused_with_the_sites_name(course: Course, stage: str, reason: str) -> None:
    assert _answered(course, stage) == GOOD
    assert reason in course.round_of(stage)["refused"]["gamma"]


def test_a_slow_site_is_not_waited_for_beyond_the_deadline(course: Course) -> None:
    line = course.round_of("slow")
    assert _answered(course, "slow") == GOOD
    assert f"did not answer within {DEADLINE_S} s" in line["missing"]["gamma"]
    assert line["seconds"] >= DEADLINE_S


def test_a_full_disk_is_said_without_a_path(course: Course) -> None:
    assert _answered(course, "full") == GOOD
    reason = course.round_of("full")["missing"]["gamma"]
    assert "No space left on device" in reason
    assert "/" not in reason


def test_an_answer_survives_a_cut_of_the_network(course: Course) -> None:
    assert _answered(course, "cut") == [*GOOD, "gamma"]


def test_a_frozen_site_is_not_waited_for_beyond_the_deadline(course: Course) -> None:
    assert _answered(course, "frozen") == GOOD
    assert "did not answer" in course.round_of("frozen")["missing"]["gamma"]


def test_a_site_that_thawed_takes_part_again_until_it_is_killed(course: Course) -> None:
    assert any(line["stage"] == "killed" for line in course.sites["gamma"].of_kind("task_began"))


def test_a_killed_site_is_noticed(course: Course) -> None:
    assert _answered(course, "killed") == GOOD
    reason = course.round_of("killed")["missing"]["gamma"]
    assert "connection was lost" in reason or "not connected" in reason or "did not answer" in reason


def test_a_site_that_was_started_again_takes_part_again(course: Course) -> None:
    assert course.gamma_again.of_kind("task_ended")
    assert course.gamma_again.of_kind("task_ended")[-1]["problem"] == ""
    assert "gamma" in _answered_last(course)


def _answered_last(course: Course) -> list[str]:
    return [answer["site"] for answer in course.second.of_kind("round")[-1]["answers"]]
