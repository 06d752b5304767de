"""From what a user asks for to a run of heads that has its first checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fedkd.anatomy import HEADS
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import EMBEDDED_MODEL_FOLDER, LoadedModel, find_model, load_model
from fedkd.models.package_files import CARD_NAME, is_one_file_package
from fedkd.training.cases import TrainingCase
from fedkd.training.head_recipe import attaching, check_new_name, fine_tuning
from fedkd.training.head_run import start_head_run
from fedkd.training.label_survey import class_names_of
from fedkd.training.recipe import HeadLearning, Recipe, choose


@dataclass(frozen=True)
class NewHead:
    """A head to add. ``class_names``: from class 1 on; None: as the label maps say."""

    name: str
    class_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class HeadWishes:
    """What is asked for.

    Args:
        heads: one to add, or the names of those to train on.
        learning: how they learn.
        model: path or name of the package to start from; None: the embedded one.
        steps: instead of those of ``learning``.
        seed: instead of that of ``learning``.
    """

    heads: NewHead | tuple[str, ...]
    learning: HeadLearning
    model: Path | None = None
    steps: int | None = None
    seed: int | None = None


def start_wished(wishes: HeadWishes, cases: Sequence[TrainingCase], folder: Path) -> Recipe:
    """Start a run, or find one that has begun in ``folder``, and return its recipe.

    Raises:
        FedkdError: USAGE or TRAINING_DATA_INVALID with what does not fit; MODEL_NOT_FOUND or MODEL_INVALID.
    """
    package = EMBEDDED_MODEL_FOLDER if wishes.model is None else find_model(wishes.model)
    parent = _parent(package)
    stage = parent.card.student.bare()
    if isinstance(wishes.heads, NewHead):
        check_new_name(stage, wishes.heads.name)
        _require_localizer(parent, wishes.heads.name)
        recipe = attaching(stage, wishes.heads.name, _class_names(wishes.heads, cases), wishes.learning)
    else:
        recipe = fine_tuning(stage, wishes.heads, wishes.learning)
    recipe = choose(recipe, None, wishes.steps, wishes.seed)
    start_head_run(folder, recipe, parent, package, cases)
    return recipe


def _parent(package: Path) -> LoadedModel:
    if package.is_file() and package.name != CARD_NAME and not is_one_file_package(package):
        raise _not_possible(
            "Heads are trained on model packages; this is a checkpoint.",
            package,
            "Make a package of it with `fedkd model convert`.",
        )
    parent = load_model(package)
    if parent.card.student.condition is not None:
        raise _not_possible(
            "This model needs the heart's parts with every CT, which labeled cases do not bring.",
            package,
            "Start from another model.",
        )
    return parent


def _require_localizer(parent: LoadedModel, head: str) -> None:
    if head not in HEADS and parent.card.localizer is None:
        raise _not_possible(
            "This model has no localizer, which finds the part of a CT that heads of your own outline.",
            parent.model_id,
            "Start from a model with a localizer, such as the embedded one.",
        )


def _class_names(head: NewHead, cases: Sequence[TrainingCase]) -> tuple[str, ...]:
    if head.name not in HEADS:
        return class_names_of(cases, head.name, head.class_names)
    if head.class_names is not None:
        raise _not_possible(f"The classes of the head {head.name} are known.", "--classes", "Leave it out.")
    return ()


def _not_possible(what: str, where: object, what_to_do: str) -> FedkdError:
    return FedkdError(ExitCode.USAGE, what, where=where, what_to_do=what_to_do)
