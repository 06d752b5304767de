"""The seam between the study's course and whatever carries tasks to the sites: Fed-BioMed, or one process alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch

from fedkd.federation.averaging import SiteUpdate, Weights
from fedkd.federation.replies import SiteReply
from fedkd.federation.tasks_of_study import AnyTask


@dataclass(frozen=True)
class RoundJob:
    """One task for some sites.

    Args:
        task: the same for all of them.
        sites: whom to ask.
        quorum: how many answers are needed; the deadline is waited for all the same.
        deadline_s: an answer that takes longer counts as missing.
    """

    task: AnyTask
    sites: tuple[str, ...]
    quorum: int
    deadline_s: float


@dataclass(frozen=True)
class SiteAnswer:
    """What one site answered; ``weights`` is empty for tasks that train nothing."""

    reply: SiteReply
    weights: Weights = field(default_factory=dict)

    def as_update(self) -> SiteUpdate:
        """Return what can be averaged."""
        return SiteUpdate(self.reply.site, self.weights, self.reply.samples, self.reply.cases)


@dataclass(frozen=True)
class RoundResult:
    """What came back.

    Args:
        answers: of the sites that carried the task out.
        missing: why a site did not, by site, in words for people.
        together: the sites' mean when secure aggregation hides what each sent; the answers then have no tensors.
    """

    answers: tuple[SiteAnswer, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    together: dict[str, torch.Tensor] | None = None


class Rounds(Protocol):
    """Carries tasks to sites and answers back."""

    def run(self, job: RoundJob, weights: Weights) -> RoundResult:
        """Have the sites carry out a task with the network ``weights``.

        A site that is away, too late, or reports an error is ``missing`` in the result: with fewer answers than the
        quorum it is for the caller to try again or to stop.

        Raises:
            FedkdError: nobody can be asked at all.
            Stopped: somebody asked for an end.
        """
        ...
