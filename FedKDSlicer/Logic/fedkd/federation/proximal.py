"""FedProx' term: a site's network stays near the common one."""

from __future__ import annotations

import torch

from fedkd.networks.multi_head import HeadLogits, MultiHeadNetwork
from fedkd.training.batches import Batch


class ProximalTerm:
    """``mu / 2`` times the squared distance of what learns from where the round began.

    Li et al., Federated optimization in heterogeneous networks (MLSys 2020, arXiv 1812.06127), equation 2.
    """

    def __init__(self, network: MultiHeadNetwork, mu: float) -> None:
        self._mu = mu
        self._learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._start = [parameter.detach().clone() for parameter in self._learning]

    def __call__(self, _batch: Batch, _levels: list[HeadLogits]) -> torch.Tensor:
        """Return the term for the network as it is now."""
        squares = [((now - start) ** 2).sum() for now, start in zip(self._learning, self._start, strict=True)]
        return self._mu / 2 * torch.stack(squares).sum()
