"""A coordinator that was killed goes on behind the last finished round."""

from __future__ import annotations

from builders.federation_course import FAULTS, LONG_ROUNDS, Course
from fedkd.federation.stage_store import StageStore


def test_finished_stages_are_not_run_again(course: Course) -> None:
    stages = {line["stage"]: line["state"] for line in course.second.of_kind("stage")}
    assert all(stages[name] in ("skipped",) for name in ("plain", *FAULTS))


def test_every_round_of_the_interrupted_stage_is_run_once(course: Course) -> None:
    before = [line["round"] for line in course.first.of_kind("round") if line["stage"] == "long"]
    after = [line["round"] for line in course.second.of_kind("round") if line["stage"] == "long"]
    assert before[:2] == [0, 1]
    assert after == list(range(after[0], LONG_ROUNDS))
    # A round that was told just before the kill may not have reached the disk.
    assert len(before) - 1 <= after[0] <= len(before)


def test_the_study_ends_with_all_its_rounds(course: Course) -> None:
    assert course.second.of_kind("error") == []
    kept = StageStore(course.federation.out / "stages" / "long", course.federation.study.sha256).read()
    assert kept is not None
    assert kept.rounds == LONG_ROUNDS


def test_nothing_of_a_run_stays_in_fedbiomeds_folders(course: Course) -> None:
    coordinator = course.federation.out / "coordinator"
    assert list(coordinator.rglob("*.mpk")) == []
