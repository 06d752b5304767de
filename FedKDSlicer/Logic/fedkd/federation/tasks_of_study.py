"""Every task that a study can ask for: the coordinator makes them here, and sites check what they are sent."""

from __future__ import annotations

from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import AnyStage, EvaluateStage, LabelStage, TrainStage
from fedkd.federation.task import CollectTask, EvaluateTask, LabelTask, TrainTask, task_refused
from fedkd.models.card import StageSpec

AnyTask = TrainTask | CollectTask | LabelTask | EvaluateTask


def train_task(study: StudyFile, stage: TrainStage, number: int) -> TrainTask:
    """Return the task of round ``number`` of a training stage."""
    kind = stage.aggregation.kind
    return TrainTask(
        study_id=study.study_id,
        study_sha256=study.sha256,
        stage=stage.name,
        round=number,
        recipe=study.recipe_of(stage),
        labels=stage.labels,
        label_stage=None if stage.labels == "human" else _label_stage_before(study, stage),
        steps=stage.steps,
        distillation=stage.distillation,
        privacy=study.privacy.differential,
        prox_mu=stage.aggregation.mu if kind == "fedprox" else 0.0,
        shared="backbone" if kind == "selective" else "all",
        fewest_cases=study.participation.fewest_cases,
    )


def collect_task(study: StudyFile, stage: TrainStage) -> CollectTask:
    """Return the task that follows the last round of a stage with heads that stay at their sites."""
    return CollectTask(
        study_id=study.study_id,
        study_sha256=study.sha256,
        stage=stage.name,
        round=stage.rounds,
        recipe=study.recipe_of(stage),
        fewest_cases=study.participation.fewest_cases,
    )


def label_tasks(study: StudyFile, stage: LabelStage) -> dict[str, LabelTask]:
    """Return by the teacher's stage what it labels; their order is that of the rounds."""
    heads_by_teacher: dict[str, list[str]] = {}
    for head, teacher in stage.teachers.items():
        heads_by_teacher.setdefault(teacher, []).append(head)
    return {
        teacher: LabelTask(
            study_id=study.study_id,
            study_sha256=study.sha256,
            stage=stage.name,
            round=number,
            network=network_of(study, teacher),
            heads=tuple(heads),
            keep_logits=stage.keep_logits,
        )
        for number, (teacher, heads) in enumerate(heads_by_teacher.items())
    }


def evaluate_task(study: StudyFile, of_stage: str, stage: str, number: int) -> EvaluateTask:
    """Return the task that evaluates a network of the training stage ``of_stage``.

    Args:
        study: the study.
        of_stage: the stage that trained it.
        stage: on whose behalf: that stage itself while it trains, or an evaluating one.
        number: the round.
    """
    return EvaluateTask(
        study_id=study.study_id,
        study_sha256=study.sha256,
        stage=stage,
        round=number,
        network=network_of(study, of_stage),
        of_stage=of_stage,
        held_out=study.held_out_sites,
    )


def network_of(study: StudyFile, stage: str) -> StageSpec:
    """Return the network that a training stage trains."""
    return study.recipe_of(study.train_stage(stage)).stage


def _label_stage_before(study: StudyFile, stage: TrainStage) -> str:
    before = study.stages[: study.stages.index(stage)]
    return [one.name for one in before if isinstance(one, LabelStage)][-1]


def check_task(study: StudyFile, task: AnyTask) -> None:
    """Raise unless ``study`` itself asks for exactly this task.

    Raises:
        FedkdError: TASK_REFUSED.
    """
    if (task.study_id, task.study_sha256) != (study.study_id, study.sha256):
        raise task_refused("The task is of another study than the one that this site approved.")
    try:
        asked = task in _tasks_like(study, task)
    except ValueError as error:
        raise task_refused(f"The approved study does not ask for this task: {error}.") from error
    if not asked:
        raise task_refused(f"The approved study does not ask for this in stage {task.stage}.")


def _tasks_like(study: StudyFile, task: AnyTask) -> list[AnyTask]:
    stage: AnyStage | None = next((one for one in study.stages if one.name == task.stage), None)
    if isinstance(task, EvaluateTask):
        return _evaluations_like(study, stage, task)
    if isinstance(stage, LabelStage):
        return list(label_tasks(study, stage).values())
    if not isinstance(stage, TrainStage):
        return []
    if isinstance(task, CollectTask):
        return [collect_task(study, stage)] if stage.aggregation.kind == "selective" else []
    return [train_task(study, stage, task.round)] if task.round < stage.rounds else []


def _evaluations_like(study: StudyFile, stage: AnyStage | None, task: EvaluateTask) -> list[AnyTask]:
    if isinstance(stage, EvaluateStage):
        return [evaluate_task(study, row.stage, stage.name, task.round) for row in stage.rows]
    if isinstance(stage, TrainStage) and stage.evaluate_every:
        return [evaluate_task(study, stage.name, stage.name, task.round)]
    return []
