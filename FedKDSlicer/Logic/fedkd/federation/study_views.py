"""What a study does, in lines for people: an operator reads them before approving."""

from __future__ import annotations

from collections.abc import Iterator

from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import AnyStage, EvaluateStage, LabelStage, TrainStage

_HOW = {
    "fedavg": "averaged after every round",
    "fedprox": "averaged after every round, sites held near the common network (FedProx)",
    "sequential": "one site after the other",
    "selective": "backbone averaged, heads stay at the sites until the end",
    "local": "every site for itself",
}
_LABELS = {"human": "people's labels", "pseudo": "pseudo labels", "human+pseudo": "people's labels, else pseudo labels"}


def study_lines(study: StudyFile) -> Iterator[str]:
    """Yield the study's facts, its stages in their order, and its hash."""
    yield f"Study {study.study_id}. {study.title}".strip()
    yield f"Sites that train: {', '.join(study.training_sites)}"
    if study.held_out_sites:
        yield f"Held out, evaluated only: {', '.join(study.held_out_sites)}"
    for number, stage in enumerate(study.stages, start=1):
        yield f"{number}. {stage.name}: {_stage(study, stage)}"
    yield "What leaves a site: the tensors that it trained, counts of cases and labels, losses, errors without names."
    yield "What never leaves a site: CTs, labels, pseudo labels, names of cases and files."
    yield _privacy(study)
    yield f"Hash of the study: {study.sha256}"


def _stage(study: StudyFile, stage: AnyStage) -> str:
    match stage:
        case TrainStage():
            recipe = study.recipe_of(stage)
            heads = ", ".join(recipe.trained_heads)
            what = "heads alone" if stage.trained == "heads" else recipe.stage.network.architecture
            start = f" from {stage.start_from}" if stage.start_from else ""
            soft = (
                f", softly (temperature {stage.distillation.temperature:g})"
                if stage.distillation.targets == "soft"
                else ""
            )
            return (
                f"{what}{start}, {heads}; {stage.rounds} rounds of {stage.steps} steps "
                f"on {_LABELS[stage.labels]}{soft}; {_HOW[stage.aggregation.kind]}"
            )
        case LabelStage():
            teachers = ", ".join(f"{head} by {teacher}" for head, teacher in stage.teachers.items())
            return f"sites label their unlabeled CTs: {teachers}{'; logits are kept' if stage.keep_logits else ''}"
        case EvaluateStage():
            return f"sites evaluate {', '.join(dict.fromkeys(row.stage for row in stage.rows))} on unseen cases"


def _privacy(study: StudyFile) -> str:
    parts = []
    if study.privacy.secure_aggregation:
        parts.append("secure aggregation: no one site's tensors can be read; values are clipped to +-3 and quantized")
    differential = study.privacy.differential
    if differential is not None:
        parts.append(
            f"differential privacy: noise {differential.noise:g}, clip {differential.clip:g}, epsilon at most "
            f"{differential.most_epsilon:g} at delta {differential.delta:g}"
        )
    return f"Privacy: {'; '.join(parts) or 'neither secure aggregation nor differential privacy'}"
