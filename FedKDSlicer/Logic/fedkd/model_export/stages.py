"""What an exported stage must say about itself, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.models.card import ModelCard, StageSpec
from fedkd.models.loaded import LoadedModel
from fedkd.networks.multi_head import MultiHeadNetwork


@dataclass(frozen=True)
class NamedStage:
    """One network of a model: ``student``, or ``localizer`` where the model has one."""

    name: str
    spec: StageSpec
    network: MultiHeadNetwork


def stages_of(model: LoadedModel) -> tuple[NamedStage, ...]:
    """Return the networks of a model, the student first."""
    stages = [NamedStage("student", model.card.student, model.network)]
    if model.card.localizer is not None and model.localizer is not None:
        stages.append(NamedStage("localizer", model.card.localizer, model.localizer))
    return tuple(stages)


def class_names(spec: StageSpec) -> dict[str, tuple[str, ...]]:
    """Return for each head the names of its channels; numbers where nobody named them."""
    return {name: spec.channels_of(name) for name in spec.network.heads}


def how_to_use(stage: NamedStage, card: ModelCard) -> str:
    """Return in one sentence where this network is meant to look."""
    if stage.name == "localizer":
        return "It looks at the whole CT in coarse voxels and finds the heart and, roughly, the aortic root."
    if card.localizer is None:
        return "It looks at a cube of 192 voxels along each side around the heart, patch by patch."
    return "It looks at one patch around the aortic root; elsewhere it has learned nothing."
