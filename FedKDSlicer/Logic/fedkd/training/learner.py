"""A network that learns step by step: the one way, whether a run trains it or a site of a federation does."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from fedkd.errors import ExitCode, FedkdError
from fedkd.networks.multi_head import HeadLogits, MultiHeadNetwork
from fedkd.training.batches import Batch
from fedkd.training.losses import MultiHeadLoss
from fedkd.training.recipe import Optimization, Recipe

# What may be added to the loss of labels: of the batch and its logits from fine to coarse, a number to be small.
LossTerm = Callable[[Batch, list[HeadLogits]], torch.Tensor]


class Learner:
    """A network, its loss and its optimizer.

    Args:
        network: is moved to ``device``; what the recipe does not train is frozen.
        recipe: how it learns.
        device: cpu or cuda.
        where: what to name when the training goes wrong.
    """

    def __init__(
        self,
        network: MultiHeadNetwork,
        recipe: Recipe,
        device: torch.device,
        where: object = "",
    ) -> None:
        self.network = network.to(device)
        freeze(network, recipe)
        self.loss = MultiHeadLoss(recipe.stage.network.heads, recipe.head_losses).to(device)
        self.optimizer = make_optimizer(network, recipe.optimization)
        self._recipe = recipe
        self._device = device
        self._terms: dict[str, LossTerm] = {}
        self._where = where

    def add(self, name: str, term: LossTerm) -> None:
        """Add a term to the loss of the labels."""
        self._terms[name] = term

    def start(self) -> None:
        """Put the network into the mode it learns in."""
        # A backbone that stays as it is must also act as it does when it predicts.
        self.network.train(self._recipe.trained == "all")

    def learn(self, batch: Batch, step: int) -> dict[str, float]:
        """Learn from one batch as step number ``step``, and return the parts of its loss.

        Raises:
            FedkdError: TRAINING_DIVERGED; the weights are those from before the step.
        """
        parts = self.backward(batch)
        self.advance(step)
        return parts

    def backward(self, batch: Batch) -> dict[str, float]:
        """Leave the gradients of one batch's loss at the parameters, and return the parts of the loss."""
        batch = batch.to(self._device)
        mixed = self._recipe.optimization.precision == "bfloat16"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=mixed):
            levels = self._logits(batch.image)
        loss, parts = self.loss(levels, batch.targets)
        for name, term in self._terms.items():
            value = term(batch, levels)
            loss = loss + value
            parts[name] = float(value.detach())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return parts

    def advance(self, step: int) -> None:
        """Change the weights along their gradients, as step number ``step``.

        Raises:
            FedkdError: TRAINING_DIVERGED; the weights are those from before the step.
        """
        optimization = self._recipe.optimization
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(optimization, step)
        steepness = torch.nn.utils.clip_grad_norm_(self.network.parameters(), optimization.gradient_clip)
        if not bool(torch.isfinite(steepness)):
            raise self._diverged(step)
        self.optimizer.step()

    def _logits(self, image: torch.Tensor) -> list[HeadLogits]:
        if self._recipe.trained == "all":
            return self.network.forward_deep(image)
        with torch.no_grad():
            features = self.network.features(image)
        return self.network.logits(features, self._recipe.trained_heads)

    def _diverged(self, step: int) -> FedkdError:
        # Weights that are no numbers must never replace the last good checkpoint.
        return FedkdError(
            ExitCode.TRAINING_DIVERGED,
            f"At step {step} the loss was no finite number.",
            where=self._where,
            what_to_do="Lower the learning rate in the recipe; the last checkpoint is from before this step.",
        )


def make_optimizer(network: torch.nn.Module, optimization: Optimization) -> torch.optim.AdamW:
    """Return the optimizer, of a run that has not begun, of all that is not frozen."""
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(learning, lr=optimization.learning_rate, weight_decay=optimization.weight_decay)


def freeze(network: MultiHeadNetwork, recipe: Recipe) -> None:
    """Let only those tensors learn that the recipe trains."""
    if recipe.trained == "all":
        return
    network.requires_grad_(requires_grad=False)
    for level in (network.outs, *network.deep_outs):
        for head in recipe.trained_heads:
            level.get_submodule(head).requires_grad_()


def learning_rate(optimization: Optimization, step: int) -> float:
    """Linear warm-up, then a cosine down to 1 % of the peak."""
    warm = min(1.0, (step + 1) / max(optimization.warmup_steps, 1))
    done = step / optimization.steps
    return optimization.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
