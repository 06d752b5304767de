"""nnU-Net's plain UNet (the study's teachers), with one head per label type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from fedkd.networks.multi_head import MultiHeadNetwork, make_heads

Stride = tuple[int, int, int]


@dataclass(frozen=True)
class PlainConvShape:
    """What the stages are made of, from fine to coarse.

    Args:
        filters: channels of each stage.
        strides: of each stage's first convolution, along (z, y, x).
        convolutions: in each stage of the encoder, and of the decoder.
        conv_bias: convolutions have a bias.
        norm_affine: instance norms have a weight and a bias.
    """

    filters: tuple[int, ...]
    strides: tuple[Stride, ...]
    convolutions: int = 2
    conv_bias: bool = True
    norm_affine: bool = True


class MultiHeadPlainConvUNet(MultiHeadNetwork):
    """A UNet of stacked 3x3x3 convolutions, instance norms and leaky rectifiers.

    Modules have the names of ``PlainConvUNet`` in dynamic_network_architectures (without its second names for one
    and the same tensor), so that its weights fit. That package itself needs timm and torchvision, which is much for
    installing a Slicer extension. Its dropout acts in training only and is left out.
    Each side of the input must be a multiple of the product of the strides along it.
    """

    def __init__(self, in_channels: int, heads: Mapping[str, int], shape: PlainConvShape, deep_levels: int) -> None:
        super().__init__()
        self.encoder = _Encoder(in_channels, shape)
        self.decoder = _Decoder(shape)
        self.outs = make_heads(shape.filters[0], heads)
        self.deep_outs = nn.ModuleList(make_heads(shape.filters[level + 1], heads) for level in range(deep_levels))

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the decoder's features from fine to coarse."""
        levels: list[torch.Tensor] = self.decoder(self.encoder(x))[::-1]
        return levels


class _Encoder(nn.Module):
    def __init__(self, in_channels: int, shape: PlainConvShape) -> None:
        super().__init__()
        inputs = (in_channels, *shape.filters[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(_Stack(before, after, stride, shape))
            for before, after, stride in zip(inputs, shape.filters, shape.strides, strict=True)
        )

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the features of every stage, from fine to coarse."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class _Decoder(nn.Module):
    def __init__(self, shape: PlainConvShape) -> None:
        super().__init__()
        coarse_to_fine = range(len(shape.filters) - 1, 0, -1)
        self.transpconvs = nn.ModuleList(
            nn.ConvTranspose3d(
                shape.filters[level],
                shape.filters[level - 1],
                shape.strides[level],
                shape.strides[level],
                bias=shape.conv_bias,
            )
            for level in coarse_to_fine
        )
        self.stages = nn.ModuleList(
            _Stack(2 * shape.filters[level - 1], shape.filters[level - 1], (1, 1, 1), shape) for level in coarse_to_fine
        )

    def forward(self, skips: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Return the features of every stage, from coarse to fine."""
        x = skips[-1]
        features = []
        for enlarge, stage, skip in zip(self.transpconvs, self.stages, reversed(skips[:-1]), strict=True):
            x = stage(torch.cat((enlarge(x), skip), dim=1))
            features.append(x)
        return features


class _Stack(nn.Module):
    """Convolutions one after the other; the first one has the stride."""

    def __init__(self, in_channels: int, out_channels: int, stride: Stride, shape: PlainConvShape) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            *(
                _Unit(in_channels if i == 0 else out_channels, out_channels, stride if i == 0 else (1, 1, 1), shape)
                for i in range(shape.convolutions)
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        convolved: torch.Tensor = self.convs(x)
        return convolved


class _Unit(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: Stride, shape: PlainConvShape) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, 3, stride, padding=1, bias=shape.conv_bias)
        self.norm = nn.InstanceNorm3d(out_channels, affine=shape.norm_affine)
        self.nonlin = nn.LeakyReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activated: torch.Tensor = self.nonlin(self.norm(self.conv(x)))
        return activated
