"""The folder of a run that trains heads: it keeps the model it began with, which packing it takes up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from fedkd.atomic import write_text_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import LoadedModel
from fedkd.models.package import weights_of
from fedkd.models.package_content import copy_package
from fedkd.models.package_files import open_package
from fedkd.networks import build_network
from fedkd.networks.multi_head import head_of_tensor
from fedkd.training.cases import TrainingCase, is_test_case
from fedkd.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from fedkd.training.learner import freeze, make_optimizer
from fedkd.training.recipe import Recipe

PARENT_FOLDER = "parent"
RECORD_FILE = "heads.json"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class LearnedFrom(_Record):
    """The labeled cases, told apart from others without naming any of them."""

    cases: int
    kept_for_testing: int
    case_names_sha256: str


class HeadRunRecord(_Record):
    """What a run of heads began with."""

    what: Literal["new head", "fine-tuned heads"]
    heads: tuple[str, ...]
    parent_id: str
    parent_sha256: str
    data: LearnedFrom


def learned_from(cases: Sequence[TrainingCase], heads: Sequence[str]) -> LearnedFrom:
    """Return what is recorded of the cases that have a label for one of the heads."""
    labeled = [case.case_id for case in cases if any(case.has_label(head) for head in heads)]
    kept = [case_id for case_id in labeled if is_test_case(case_id)]
    names = "\n".join(sorted(set(labeled) - set(kept)))
    digest = hashlib.sha256(names.encode()).hexdigest()
    return LearnedFrom(cases=len(labeled) - len(kept), kept_for_testing=len(kept), case_names_sha256=digest)


def start_head_run(
    folder: Path, recipe: Recipe, parent: LoadedModel, package: Path, cases: Sequence[TrainingCase]
) -> None:
    """Write step 0 of a run into ``folder``: the parent's tensors, and fresh ones for a new head.

    A run that has begun there is left as it is.

    Args:
        folder: of the run.
        recipe: by `attaching` or `fine_tuning`.
        parent: the model that the run begins with.
        package: where that is.
        cases: all labeled cases.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when ``folder`` holds a run that began with another model; MODEL_INVALID when
            ``parent`` is no package; USAGE when the head's name is one that networks cannot hold.
    """
    is_new = any(head not in parent.card.student.network.heads for head in recipe.trained_heads)
    record = HeadRunRecord(
        what="new head" if is_new else "fine-tuned heads",
        heads=recipe.trained_heads,
        parent_id=parent.model_id,
        parent_sha256=parent.sha256,
        data=learned_from(cases, recipe.trained_heads),
    )
    if read_checkpoint(folder) is not None:
        _require_same_parent(folder, record)
        return
    checkpoint = _first_checkpoint(recipe, parent)
    copy_package(open_package(package), folder / PARENT_FOLDER)
    write_text_atomically(folder / RECORD_FILE, record.model_dump_json(indent=2) + "\n")
    write_checkpoint(folder, checkpoint)


def read_record(folder: Path) -> HeadRunRecord:
    """Return what a run of heads began with.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when ``folder`` holds none.
    """
    try:
        return HeadRunRecord.model_validate_json((folder / RECORD_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            "The folder holds no run of heads.",
            where=folder,
            what_to_do="Give the output folder of `fedkd train --head-only` or `--fine-tune`.",
        ) from error


def is_of_heads(name: str, heads: Sequence[str]) -> bool:
    """True for the name of a tensor that belongs to one of the heads."""
    return head_of_tensor(name) in heads


def _require_same_parent(folder: Path, record: HeadRunRecord) -> None:
    if read_record(folder).parent_sha256 != record.parent_sha256:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            "The output folder holds a run that began with another model.",
            where=folder,
            what_to_do="Give another output folder, or the same model to go on with that run.",
        )


def _first_checkpoint(recipe: Recipe, parent: LoadedModel) -> Checkpoint:
    with torch.random.fork_rng():
        torch.manual_seed(recipe.optimization.seed)
        try:
            network = build_network(recipe.stage.network)
        except KeyError as error:  # torch's, for a name that its containers keep for themselves
            raise FedkdError(
                ExitCode.USAGE,
                f"A head cannot have this name: {error}.",
                where=", ".join(recipe.trained_heads),
                what_to_do="Choose another name, and name the label maps like it.",
            ) from error
    kept = weights_of(parent.network)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name in kept:
                parameter.copy_(kept[name])
            elif not is_of_heads(name, recipe.trained_heads):
                raise ValueError(f"{name} is neither the parent's nor a new head's")
    freeze(network, recipe)
    weights = weights_of(network)
    return Checkpoint(recipe, 0, 0.0, weights, weights, make_optimizer(network, recipe.optimization).state_dict())
