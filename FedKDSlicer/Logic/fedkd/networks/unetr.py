"""UNETR with one head per label type, for comparison (the paper's ViT)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from monai.networks.nets.unetr import UNETR
from torch import nn

from fedkd.networks.multi_head import MultiHeadNetwork, make_heads


class MultiHeadUNETR(MultiHeadNetwork):
    """MONAI's UNETR whose output layer is replaced by several heads.

    The size of the input is fixed: ``patch_size`` voxels along each axis, a multiple of 16.
    """

    def __init__(
        self, in_channels: int, heads: Mapping[str, int], patch_size: int, feature_size: int, hidden_size: int
    ) -> None:
        super().__init__()
        self.unetr = UNETR(
            in_channels=in_channels,
            out_channels=1,
            img_size=patch_size,
            feature_size=feature_size,
            hidden_size=hidden_size,
            mlp_dim=4 * hidden_size,
            num_heads=12,
        )
        self.unetr.out = nn.Identity()  # type: ignore[assignment]
        self.outs = make_heads(feature_size, heads)
        self.deep_outs = nn.ModuleList()

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the last decoder features, ``(batch, feature size, z, y, x)``."""
        return [self.unetr(x)]
