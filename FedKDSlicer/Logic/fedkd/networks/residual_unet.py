"""The teacher: a residual UNet in the manner of nnU-Net, with deep supervision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from monai.networks.nets.dynunet import DynUNet
from torch import nn

from fedkd.networks.multi_head import MultiHeadNetwork, make_heads


class MultiHeadResidualUNet(MultiHeadNetwork):
    """MONAI's DynUNet with residual blocks; heads on the finest and, for training, on coarser decoder levels.

    Each side of the input must be a multiple of ``2 ** (len(filters) - 1)`` voxels.
    """

    def __init__(self, in_channels: int, heads: Mapping[str, int], filters: Sequence[int], deep_levels: int) -> None:
        super().__init__()
        strides = [1] + [2] * (len(filters) - 1)
        self.unet = DynUNet(
            spatial_dims=3,
            in_channels=in_channels,
            out_channels=1,
            kernel_size=[3] * len(filters),
            strides=strides,
            upsample_kernel_size=strides[1:],
            filters=list(filters),
            res_block=True,
            deep_supervision=deep_levels > 0,
            deep_supr_num=max(deep_levels, 1),
        )
        # As identities, MONAI's own output layers hand over the decoder features of their level.
        self.unet.output_block = nn.Identity()
        for level in range(deep_levels):
            self.unet.deep_supervision_heads[level] = nn.Identity()
        self._route_deep_features(deep_levels)
        self.outs = make_heads(filters[0], heads)
        self.deep_outs = nn.ModuleList(make_heads(filters[level + 1], heads) for level in range(deep_levels))

    def _route_deep_features(self, deep_levels: int) -> None:
        layer = self.unet.skip_layers
        for _ in range(deep_levels):
            layer = layer.next_layer
            layer.super_head = nn.Identity()

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the decoder's features from fine to coarse: full size, 1/2, 1/4 ... of the input."""
        finest = self.unet.skip_layers(x)
        # DynUNet notes those of the coarser levels in passing.
        return [finest, *self.unet.heads[: len(self.deep_outs)]]
