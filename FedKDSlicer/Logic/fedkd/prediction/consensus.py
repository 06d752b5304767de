"""Several looks at one landmark become one point: the majority decides that it is there, the mean where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fedkd.geometry import FloatArray

# A spread this large halves the confidence.
_SPREAD_AT_HALF_MM = 2.0
_LEAST_VOTE = 1e-3


class Vote(Protocol):
    """Where one look sees a landmark."""

    @property
    def position_lps_mm(self) -> FloatArray:
        """(x, y, z)."""
        ...

    @property
    def confidence(self) -> float:
        """From 0 to 1."""
        ...


@dataclass(frozen=True)
class BetweenModels:
    """How far models are apart over one landmark.

    Args:
        models: the names of those that found it.
        spread_mm: root mean square distance of their points from the common one.
        farthest_mm: the largest distance between two of their points.
    """

    models: tuple[str, ...]
    spread_mm: float
    farthest_mm: float


@dataclass(frozen=True)
class Consensus:
    """A landmark after all looks at it.

    Args:
        position_lps_mm: (x, y, z).
        confidence: from 0 to 1.
        spread_mm: root mean square distance of the looks from the position; None after a single look.
        between: the part of it that is between models; None where not several models voted.
    """

    position_lps_mm: FloatArray
    confidence: float
    spread_mm: float | None
    between: BetweenModels | None = None


def agree(name: str, votes: Sequence[Mapping[str, Vote]]) -> Consensus | None:
    """Return the mean of the looks that saw the landmark, None when most did not.

    Votes count by the square of their confidence: one at the edge of being seen, which another processor or library may
    not see, hardly moves the point.
    """
    seen = [vote[name] for vote in votes if name in vote]
    if len(seen) * 2 <= len(votes):
        return None
    positions = np.array([one.position_lps_mm for one in seen])
    weights = vote_weights(seen)
    mean = weights @ positions
    spread_mm = float(np.sqrt(weights @ ((positions - mean) ** 2).sum(axis=1)))
    share = len(seen) / len(votes)
    certainty = float(np.mean([one.confidence for one in seen]))
    confidence = certainty * share / (1 + (spread_mm / _SPREAD_AT_HALF_MM) ** 2)
    return Consensus(mean, confidence, spread_mm if len(votes) > 1 else None)


def vote_weights(seen: Sequence[Vote]) -> FloatArray:
    """Return how much each vote counts; the sum is 1."""
    weights = np.array([max(one.confidence, _LEAST_VOTE) for one in seen]) ** 2
    return weights / weights.sum()
