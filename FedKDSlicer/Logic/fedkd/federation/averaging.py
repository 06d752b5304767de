"""Many sites' tensors become one network: each is averaged over the sites that trained it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from fedkd.networks.multi_head import head_of_tensor

Weights = Mapping[str, torch.Tensor]

# A count that no clinic has: one site must not outweigh all others by a number it makes up.
MOST_SAMPLES = 1_000_000


@dataclass(frozen=True)
class SiteUpdate:
    """What a site sent.

    Args:
        site: its id.
        weights: the tensors that it trained, or more; those of heads without samples do not count.
        samples: for each head the cases whose label taught it.
        cases: that it learned from.
    """

    site: str
    weights: Weights
    samples: Mapping[str, int]
    cases: int

    def share_of(self, name: str) -> int:
        """Return how much this site's tensor of that name counts."""
        head = head_of_tensor(name)
        return self.cases if head is None else self.samples.get(head, 0)


@dataclass(frozen=True)
class Averaged:
    """The network after a round.

    Args:
        weights: all tensors; those that nobody trained are as they were.
        refused: why a site's update was left out, by site.
        trained_by: for each head, and ``backbone``, the sites that trained it.
    """

    weights: dict[str, torch.Tensor]
    refused: dict[str, str]
    trained_by: dict[str, tuple[str, ...]]


def average(updates: Sequence[SiteUpdate], before: Weights, fewest_cases: int = 1) -> Averaged:
    """Return the mean of each tensor over the sites that sent it, weighted by their samples of its label.

    A head's tensor counts by the cases that have the head's label, one of the backbone by all cases that the site
    learned from. Updates with something wrong are left out whole.

    Args:
        updates: of the sites, in any order.
        before: the network that the sites began with.
        fewest_cases: updates of sites with fewer cases are left out.
    """
    refused = {update.site: problem for update in updates if (problem := problem_with(update, before, fewest_cases))}
    # In one order, whatever order the answers came in: sums of the same numbers differ in their last digits.
    used = sorted((update for update in updates if update.site not in refused), key=lambda update: update.site)
    weights = {name: _mean(name, value, used) for name, value in before.items()}
    return Averaged(weights, refused, _trained_by(used, before))


def problem_with(update: SiteUpdate, before: Weights, fewest_cases: int = 1) -> str | None:
    """Return in words why an update cannot be used, None when it can."""
    counts = {"cases": update.cases, **update.samples}
    wrong = [name for name, count in counts.items() if not 0 <= count <= MOST_SAMPLES]
    if wrong:
        return f"it counts {counts[wrong[0]]} samples of {wrong[0]}"
    if update.cases < max(fewest_cases, 1):
        return f"it learned from {update.cases} cases; at least {max(fewest_cases, 1)} are needed"
    larger = [head for head, count in update.samples.items() if count > update.cases]
    if larger:
        return f"it counts more labels of {larger[0]} than cases"
    if not update.weights:
        return "it sent no tensors"
    for name, value in update.weights.items():
        problem = _problem_with_tensor(name, value, before)
        if problem is not None:
            return problem
    return None


def _problem_with_tensor(name: str, value: torch.Tensor, before: Weights) -> str | None:
    if name not in before:
        return f"the network has no tensor {name[:100]}"
    if value.shape != before[name].shape:
        return f"{name} has shape {tuple(value.shape)} instead of {tuple(before[name].shape)}"
    if not value.is_floating_point():
        return f"{name} holds {value.dtype}, not real numbers"
    if not bool(torch.isfinite(value).all()):
        return f"{name} holds values that are no finite numbers"
    return None


def _mean(name: str, before: torch.Tensor, updates: Sequence[SiteUpdate]) -> torch.Tensor:
    shares = [(update.weights[name], update.share_of(name)) for update in updates if name in update.weights]
    total = sum(share for _, share in shares)
    if total == 0:
        return before
    mean = torch.zeros_like(before, dtype=torch.float64)
    for value, share in shares:
        mean += value.to(mean) * (share / total)
    return mean.to(before.dtype)


def _trained_by(updates: Sequence[SiteUpdate], before: Weights) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for update in updates:
        for name in before:
            if name in update.weights and update.share_of(name):
                found.setdefault(head_of_tensor(name) or "backbone", {})[update.site] = None
    return {part: tuple(sites) for part, sites in sorted(found.items())}


def distance(one: Weights, other: Weights) -> float:
    """Return the Euclidean distance between the tensors that both have: how far a round moved a network."""
    squares = (float(((value - other[name]).double() ** 2).sum()) for name, value in one.items() if name in other)
    return math.sqrt(sum(squares))
