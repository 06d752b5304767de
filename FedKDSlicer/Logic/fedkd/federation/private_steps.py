"""Steps that hide each single case: DP-SGD with Poisson sampling (Abadi et al. 2016, arXiv 1607.00133)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from fedkd.errors import FedkdError
from fedkd.federation.task import DifferentialPrivacy
from fedkd.training.batches import Collate
from fedkd.training.learner import Learner
from fedkd.training.prepared import PreparedCases
from fedkd.training.recipe import Recipe
from fedkd.training.samples import draw_sample


def sample_rate(recipe: Recipe, cases: int) -> float:
    """Return the chance of each case to take part in a step: on average as many do as the recipe's batch has."""
    return min(1.0, recipe.optimization.batch_size / cases)


def private_steps(
    learner: Learner, cases: PreparedCases, recipe: Recipe, privacy: DifferentialPrivacy, steps: Iterable[int]
) -> Iterator[dict[str, float]]:
    """Make the steps, and yield the mean loss of the cases that took part in each, which is not hidden: it must stay.

    Every case takes part in a step by a throw of its own; its gradient is shortened to ``privacy.clip``; their sum
    gets normal noise of ``privacy.noise * privacy.clip``. A step in which no case takes part is noise alone. Neither
    throws nor noise come from the task's seed: who knew them could take the noise off.

    Raises:
        FedkdError: TRAINING_DIVERGED; a case cannot be used.
    """
    hidden = _HiddenGradients(learner, cases, recipe, privacy)
    for step in steps:
        losses = hidden.collect()
        learner.advance(step)
        yield {"loss": float(np.mean(losses))} if losses else {}


class _HiddenGradients:
    def __init__(self, learner: Learner, cases: PreparedCases, recipe: Recipe, privacy: DifferentialPrivacy) -> None:
        self._learner = learner
        self._cases = cases
        self._recipe = recipe
        self._privacy = privacy
        self._rate = sample_rate(recipe, len(cases))
        self._learning = [parameter for parameter in learner.network.parameters() if parameter.requires_grad]
        self._rng = np.random.default_rng()
        self._noise = torch.Generator(device=self._learning[0].device)
        self._noise.seed()

    def collect(self) -> list[float]:
        """Leave the hidden gradients of one step at the parameters, and return the losses of the cases in it."""
        chosen = np.flatnonzero(self._rng.random(len(self._cases)) < self._rate)
        sums = [torch.zeros_like(parameter) for parameter in self._learning]
        losses = [self._add_gradient(int(index), sums) for index in chosen]
        spread = self._privacy.noise * self._privacy.clip
        for parameter, total in zip(self._learning, sums, strict=True):
            drawn = torch.randn(parameter.shape, generator=self._noise, device=parameter.device)
            parameter.grad = (total + spread * drawn) / (self._rate * len(self._cases))
        return losses

    def _add_gradient(self, index: int, sums: list[torch.Tensor]) -> float:
        sample = draw_sample(self._cases[index], self._recipe.stage, self._recipe.sampling, self._rng)
        batch = Collate(self._recipe.trained_heads)([sample])
        if isinstance(batch, FedkdError):
            raise batch
        parts = self._learner.backward(batch)
        factor = self._shortening()
        for total, parameter in zip(sums, self._learning, strict=True):
            if parameter.grad is not None:
                total.add_(torch.nan_to_num(parameter.grad, 0.0, 0.0, 0.0), alpha=factor)
        return sum(parts.values())

    def _shortening(self) -> float:
        """Return by what the gradient at hand is multiplied, so that it is no longer than allowed."""
        gradients = [parameter.grad for parameter in self._learning if parameter.grad is not None]
        norm = float(torch.sqrt(torch.stack([(gradient.double() ** 2).sum() for gradient in gradients]).sum()))
        # One that holds no numbers is left out whole: it would be a way out for a single case.
        return min(1.0, self._privacy.clip / norm) if norm and np.isfinite(norm) else 0.0
