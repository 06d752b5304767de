"""A site carries out what its approved study asks for, and refuses everything else before it touches a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.federation_sites import study, train_stage
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.place import SitePlace
from fedkd.federation.site_work import do_task
from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import EvaluateStage, LabelStage, TrainStage
from fedkd.federation.task import read_task
from fedkd.federation.tasks_of_study import (
    AnyTask,
    check_task,
    collect_task,
    evaluate_task,
    label_tasks,
    train_task,
)
from fedkd.progress import silent

STUDY = study(
    [
        train_stage(evaluate_every=1),
        train_stage("sel", aggregation={"kind": "selective"}),
        {"kind": "label", "name": "pseudo", "teachers": {"hps": "fed", "ms": "fed", "calc": "sel"}},
        train_stage("student", labels="pseudo", aggregation={"kind": "fedprox", "mu": 0.5}),
        {"kind": "evaluate", "name": "table", "rows": [{"method": "m", "network": "n", "stage": "student"}]},
    ]
)


def all_tasks(found: StudyFile) -> Iterator[AnyTask]:
    for stage in found.stages:
        match stage:
            case TrainStage():
                yield from (train_task(found, stage, number) for number in range(stage.rounds))
                if stage.aggregation.kind == "selective":
                    yield collect_task(found, stage)
                if stage.evaluate_every:
                    yield evaluate_task(found, stage.name, stage.name, 1)
            case LabelStage():
                yield from label_tasks(found, stage).values()
            case EvaluateStage():
                yield from (evaluate_task(found, row.stage, stage.name, 0) for row in stage.rows)


TASKS = {f"{task.stage}-{task.kind}-{task.round}": task for task in all_tasks(STUDY)}


@pytest.mark.parametrize("which", TASKS)
def test_study_asks_for_its_tasks_also_after_their_way_through_the_wire(which: str) -> None:
    check_task(STUDY, read_task(TASKS[which].model_dump_json()))


def test_tasks_say_what_the_stage_says() -> None:
    student = TASKS["student-train-1"]
    assert student.kind == "train"
    assert (student.prox_mu, student.label_stage, student.first_step) == (0.5, "pseudo", 2)
    assert [task.heads for task in label_tasks(STUDY, STUDY.stages[2]).values()] == [("hps", "ms"), ("calc",)]  # type: ignore[arg-type]


CHANGES: dict[str, tuple[str, dict[str, object]]] = {
    "more steps": ("fed-train-0", {"steps": 3}),
    "a round too many": ("fed-train-0", {"round": 2}),
    "pseudo labels": ("fed-train-0", {"labels": "pseudo"}),
    "fewer cases": ("fed-train-0", {"fewest_cases": 0}),
    "another stage": ("fed-train-0", {"stage": "student"}),
    "a stage that is none": ("fed-train-0", {"stage": "other"}),
    "heads of a stage that shares them": ("sel-collect-2", {"stage": "fed"}),
    "whole network of a stage that shares the backbone": ("sel-train-0", {"shared": "all"}),
    "logits": ("pseudo-label-0", {"keep_logits": True}),
    "every case": ("table-evaluate-0", {"held_out": ("a", "h")}),
    "another study": ("fed-train-0", {"study_sha256": "0" * 64}),
    "another name": ("fed-train-0", {"study_id": "other"}),
}


@pytest.mark.parametrize("which", CHANGES)
def test_anything_else_is_refused_before_anything_is_read(which: str, tmp_path: Path) -> None:
    name, change = CHANGES[which]
    task = TASKS[name].model_copy(update=change)
    place = SitePlace("a", tmp_path / "does-not-exist", tmp_path / "work")
    with pytest.raises(FedkdError) as caught:
        do_task(STUDY, task, {}, place, silent)
    assert caught.value.code == ExitCode.TASK_REFUSED
    assert not (tmp_path / "work").exists()


def test_changed_recipe_is_refused() -> None:
    task = TASKS["fed-train-0"]
    assert task.kind == "train"
    faster = task.recipe.optimization.model_copy(update={"learning_rate": 9.0})
    changed = task.model_copy(update={"recipe": task.recipe.model_copy(update={"optimization": faster})})
    with pytest.raises(FedkdError, match="does not ask for this"):
        check_task(STUDY, changed)


@pytest.mark.parametrize(("site", "which"), [("h", "fed-train-0"), ("h", "pseudo-label-0"), ("x", "fed-train-0")])
def test_held_out_sites_and_strangers_neither_train_nor_label(site: str, which: str, tmp_path: Path) -> None:
    place = SitePlace(site, tmp_path / "does-not-exist", tmp_path / "work")
    with pytest.raises(FedkdError) as caught:
        do_task(STUDY, TASKS[which], {}, place, silent)
    assert caught.value.code == ExitCode.TASK_REFUSED


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "shell"}', "[" * 100_000, '{"kind": "train", "extra": 1}'])
def test_what_is_no_task_is_refused(text: str) -> None:
    with pytest.raises(FedkdError) as caught:
        read_task(text)
    assert caught.value.code == ExitCode.TASK_REFUSED
