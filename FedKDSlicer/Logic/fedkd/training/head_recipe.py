"""What a run does that trains heads only: a new one, or some that the model has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from fedkd.anatomy import HEADS
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec, first_problem
from fedkd.networks.head_names import problem_with_name
from fedkd.training.recipe import HeadLearning, Recipe


def check_new_name(parent: StageSpec, head: str) -> None:
    """Raise when the network has a head of this name, or none can have it.

    Raises:
        FedkdError: USAGE.
    """
    if head in parent.network.heads:
        raise FedkdError(
            ExitCode.USAGE,
            f"The model has a head named {head} already.",
            where="--head-only",
            what_to_do=f"To teach that head on your labels, use --fine-tune {head}; or give the new one another name.",
        )
    problem = problem_with_name(head)
    if problem is not None:
        raise FedkdError(
            ExitCode.USAGE,
            f"A head cannot be named {head}: {problem}.",
            where="--head-only",
            what_to_do="Choose another name, such as coronaries, and name the label maps like it.",
        )


def attaching(parent: StageSpec, head: str, class_names: Sequence[str], learning: HeadLearning) -> Recipe:
    """Return the recipe that adds one head to a network and trains nothing else.

    Args:
        parent: the network as it is.
        head: name of the new head.
        class_names: of the new head from class 1 on; none for a head of ours, whose classes are known.
        learning: how it learns.

    Raises:
        FedkdError: USAGE; TRAINING_DATA_INVALID when the network cannot have one more head like this.
    """
    check_new_name(parent, head)
    channels = len(HEADS[head].channels) if head in HEADS else len(class_names) + 1
    fields: dict[str, Any] = parent.model_dump()
    fields["network"]["heads"][head] = channels
    if head not in HEADS:
        fields["class_names"][head] = tuple(class_names)
    try:
        stage = StageSpec.model_validate(fields)
    except ValidationError as error:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"The head cannot be added: {first_problem(error)}.",
            where=head,
            what_to_do="Choose another name or other classes.",
        ) from error
    return _recipe(stage, (head,), learning)


def fine_tuning(parent: StageSpec, heads: Sequence[str], learning: HeadLearning) -> Recipe:
    """Return the recipe that trains some heads of a network on, and nothing else: the study's last stage.

    Raises:
        FedkdError: USAGE when the network does not have one of the heads.
    """
    unknown = [head for head in heads if head not in parent.network.heads]
    if unknown or not heads:
        raise FedkdError(
            ExitCode.USAGE,
            f"The model has no head {', '.join(unknown)}; it has {', '.join(parent.network.heads)}.",
            where="--fine-tune",
            what_to_do="Name heads that the model has, or attach a new one with --head-only.",
        )
    return _recipe(parent, tuple(dict.fromkeys(heads)), learning)


def _recipe(stage: StageSpec, heads: tuple[str, ...], learning: HeadLearning) -> Recipe:
    return Recipe(
        stage=stage,
        sampling=learning.sampling,
        optimization=learning.optimization,
        head_losses=dict.fromkeys(heads, learning.loss),
        trained=heads,
    )
