"""What all networks here share: one backbone, one 1x1x1 convolution per head."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from monai.networks.blocks.dynunet_block import UnetOutBlock
from torch import nn

HeadLogits = dict[str, torch.Tensor]


class MultiHeadNetwork(nn.Module):
    """A backbone with several heads.

    ``forward`` takes ``(batch, channels, z, y, x)`` and returns for each head its logits
    ``(batch, head channels, z, y, x)``. The axes are interchangeable for the network; the engine always
    feeds ``zyx``.
    """

    outs: nn.ModuleDict

    @abstractmethod
    def forward(self, x: torch.Tensor) -> HeadLogits:
        """Return the logits of every head at full resolution."""

    def forward_deep(self, x: torch.Tensor) -> list[HeadLogits]:
        """Return logits from fine to coarse for deep supervision; here only the finest exist."""
        return [self(x)]


def make_heads(in_channels: int, heads: Mapping[str, int]) -> nn.ModuleDict:
    """Return one 1x1x1 convolution per head, named as in the study's checkpoints (``outs.<head>.conv.conv``)."""
    return nn.ModuleDict({name: UnetOutBlock(3, in_channels, channels) for name, channels in heads.items()})
