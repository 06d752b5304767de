"""The student: SwinUNETR with one head per label type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from monai.networks.nets.swin_unetr import SwinUNETR
from torch import nn

from fedkd.networks.multi_head import MultiHeadNetwork, make_heads


class MultiHeadSwinUNETR(MultiHeadNetwork):
    """MONAI's SwinUNETR whose output layer is replaced by several heads on the last decoder features.

    Keys of the state dict: ``swin_unetr.*`` and ``outs.<head>.conv.conv.*``, as the study's code has them.
    Each side of the input must be a multiple of 32 voxels.
    """

    def __init__(
        self, in_channels: int, heads: Mapping[str, int], feature_size: int, window_size: int, depths: Sequence[int]
    ) -> None:
        super().__init__()
        self.swin_unetr = SwinUNETR(
            in_channels, 1, feature_size=feature_size, window_size=window_size, depths=tuple(depths)
        )
        # MONAI's forward pass ends with `out`; as the identity it hands over the decoder features.
        self.swin_unetr.out = nn.Identity()  # type: ignore[assignment]
        self.outs = make_heads(feature_size, heads)
        self.deep_outs = nn.ModuleList()

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the last decoder features, ``(batch, feature size, z, y, x)``."""
        return [self.swin_unetr(x)]
