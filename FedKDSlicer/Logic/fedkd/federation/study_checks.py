"""What has to fit together between the stages of a study."""

from __future__ import annotations

from collections.abc import Sequence

from fedkd.federation.study_stages import AnyStage, EvaluateStage, LabelStage, TrainStage


def check_stages(stages: Sequence[AnyStage], recipes: frozenset[str]) -> None:
    """Raise when a stage needs something that no stage before it makes.

    Raises:
        ValueError: with what is wrong.
    """
    names = [stage.name.casefold() for stage in stages]
    if len(set(names)) < len(names):
        raise ValueError("two stages have the same name")
    before: dict[str, AnyStage] = {}
    for stage in stages:
        match stage:
            case TrainStage():
                _check_training(stage, before, recipes)
            case LabelStage():
                for head, teacher in stage.teachers.items():
                    _check_teacher(stage, head, teacher, before)
            case EvaluateStage():
                for row in stage.rows:
                    _require_trained(stage.name, row.stage, before)
        before[stage.name] = stage


def _check_training(stage: TrainStage, before: dict[str, AnyStage], recipes: frozenset[str]) -> None:
    if stage.recipe not in recipes:
        raise ValueError(f"stage {stage.name}: the study has no recipe {stage.recipe}")
    if stage.start_from is not None:
        parent = _require_trained(stage.name, stage.start_from, before)
        if parent.aggregation.kind == "local":
            raise ValueError(
                f"stage {stage.name}: {parent.name} trains one network for each site, not one to start from"
            )
        if (parent.recipe, parent.heads) != (stage.recipe, stage.heads):
            raise ValueError(f"stage {stage.name}: {parent.name} trains another network")
    if stage.trained == "heads" and stage.start_from is None:
        raise ValueError(f"stage {stage.name}: heads alone are trained on a network of an earlier stage")
    if stage.evaluate_every and stage.aggregation.kind in ("local", "selective"):
        raise ValueError(f"stage {stage.name}: there is no common network to evaluate before the stage ends")
    labels = [one for one in before.values() if isinstance(one, LabelStage)]
    if stage.labels != "human" and not labels:
        raise ValueError(f"stage {stage.name}: no stage before it makes pseudo labels")
    if stage.distillation.targets == "soft" and not any(one.keep_logits for one in labels):
        raise ValueError(f"stage {stage.name}: soft targets need a labeling stage with keep_logits")
    if stage.distillation.targets == "soft" and stage.labels == "human":
        raise ValueError(f"stage {stage.name}: soft targets are those of pseudo labels")


def _check_teacher(stage: LabelStage, head: str, teacher: str, before: dict[str, AnyStage]) -> None:
    found = _require_trained(stage.name, teacher, before)
    if found.heads is not None and head not in found.heads:
        raise ValueError(f"stage {stage.name}: {teacher} has no head {head}")
    if found.aggregation.kind == "local":
        raise ValueError(f"stage {stage.name}: {teacher} trains one network for each site")


def _require_trained(name: str, other: str, before: dict[str, AnyStage]) -> TrainStage:
    found = before.get(other)
    if not isinstance(found, TrainStage):
        raise ValueError(f"stage {name}: no stage before it trains {other}")
    return found
