"""The labeling stage at the coordinator: every teacher goes to every site; only counts come back."""

from __future__ import annotations

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.asking import Asking, Question
from fedkd.federation.study_stages import LabelStage
from fedkd.federation.tasks_of_study import label_tasks


def run_labeling(stage: LabelStage, asking: Asking) -> None:
    """Have all sites that train label their CTs with each teacher.

    Sites go on where they were, so that repeating an unfinished stage costs little.

    Raises:
        FedkdError: ROUND_FAILED; TRAINING_DATA_INVALID when no CT at any site got a label of a head.
    """
    study = asking.study
    tasks = label_tasks(study, stage)
    labeled = dict.fromkeys(stage.teachers, 0)
    for teacher, task in tasks.items():
        kept = asking.store_of(teacher).read()
        assert kept is not None, "the teacher's stage is finished"
        answered = asking.ask(
            Question(
                task=task,
                weights=kept.weights,
                sites=study.training_sites,
                deadline_s=stage.deadline_s,
                rounds=len(tasks),
                combine=lambda *_: None,
            )
        )
        for answer in answered.answers:
            for head, count in answer.reply.samples.items():
                labeled[head] = labeled.get(head, 0) + count
    nothing = [head for head, count in labeled.items() if count == 0]
    if nothing:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"No CT at any site got a pseudo label of {', '.join(nothing)}: the teachers are too weak, or every CT has "
            "a human label.",
            where=stage.name,
            what_to_do="Train the teachers longer, or leave the head out of the labeling stage.",
        )
