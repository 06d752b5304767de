"""Starting a run from the weights of a model package instead of from random ones."""

from __future__ import annotations

from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import load_model
from fedkd.models.package import weights_of
from fedkd.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from fedkd.training.learner import make_optimizer
from fedkd.training.recipe import Recipe


def start_from_package(recipe: Recipe, package: Path, folder: Path) -> None:
    """Write step 0 of a run into ``folder``, with the package's network of the recipe's kind.

    A run that has begun there is left as it is.

    Raises:
        FedkdError: the package cannot be used, or has no network like the recipe's (TRAINING_DATA_INVALID).
    """
    if read_checkpoint(folder) is not None:
        return
    model = load_model(package)
    stages = [(model.card.student, model.network), *([model.coarse] if model.localizer is not None else [])]
    network = next((network for stage, network in stages if stage.network == recipe.stage.network), None)
    if network is None:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            "The package has no network like the recipe's.",
            where=package,
            what_to_do="Choose the recipe that the package was trained with; `fedkd model inspect --json` shows it.",
        )
    weights = weights_of(network)
    optimizer = make_optimizer(network, recipe.optimization).state_dict()
    write_checkpoint(folder, Checkpoint(recipe, 0, 0.0, weights, weights, optimizer))
