"""What all networks here share: one backbone, one 1x1x1 convolution per head."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

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
    # Heads on coarser features, for deep supervision: none where a network has only the finest.
    deep_outs: nn.ModuleList

    @abstractmethod
    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return what the heads see, from fine to coarse: all that the backbone makes of ``x``.

        The first has the size of ``x``: ``(batch, features, z, y, x)``.
        """

    def forward(self, x: torch.Tensor) -> HeadLogits:
        """Return the logits of every head at full resolution, each ``(batch, channels, z, y, x)``."""
        features = self.features(x)[0]
        return {name: head(features) for name, head in self.outs.items()}

    def forward_deep(self, x: torch.Tensor) -> list[HeadLogits]:
        """Return logits from fine to coarse for deep supervision; only the finest where there are no others."""
        return self.logits(self.features(x))

    def logits(self, features: Sequence[torch.Tensor], heads: Sequence[str] | None = None) -> list[HeadLogits]:
        """Return the logits of some heads (all: None) for features from fine to coarse."""
        names = list(self.outs) if heads is None else heads
        levels = [self.outs, *self.deep_outs]
        return [{name: outs[name](level) for name in names} for level, outs in zip(features, levels, strict=False)]


def head_of_tensor(name: str) -> str | None:
    """Return the head that a learned tensor belongs to, None for one of the backbone."""
    match name.split("."):
        case ["outs", head, _, *_] | ["deep_outs", _, head, _, *_]:
            return head
    return None


def make_heads(in_channels: int, heads: Mapping[str, int]) -> nn.ModuleDict:
    """Return one 1x1x1 convolution per head, named as in the study's checkpoints (``outs.<head>.conv.conv``)."""
    return nn.ModuleDict({name: UnetOutBlock(3, in_channels, channels) for name, channels in heads.items()})
