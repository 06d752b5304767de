"""Which network: a serializable description, and the one place that builds from it."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fedkd.networks.head_names import HeadName

if TYPE_CHECKING:
    from fedkd.networks.multi_head import MultiHeadNetwork

# Bounded, so that a hostile description cannot ask for a network that fills the memory.
Depth = Annotated[int, Field(ge=1, le=24)]
Stride = Literal[1, 2, 4]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    in_channels: int = Field(default=1, ge=1, le=2)
    heads: dict[HeadName, Annotated[int, Field(ge=2, le=64)]] = Field(min_length=1, max_length=16)

    @property
    @abstractmethod
    def side_multiple(self) -> int:
        """Each side of an input has a multiple of this many voxels."""


class SwinUNETRSpec(_Spec):
    """The student. ``window_size`` 7 is the paper's; 4 is about four times faster on a CPU."""

    architecture: Literal["swinunetr"] = "swinunetr"
    feature_size: int = Field(default=24, ge=12, le=96, multiple_of=12)
    window_size: int = Field(default=7, ge=2, le=8)
    depths: tuple[Depth, Depth, Depth, Depth] = (2, 2, 2, 2)

    @property
    def side_multiple(self) -> int:
        """Five halvings lead to the coarsest level."""
        return 32


class ResidualUNetSpec(_Spec):
    """The teacher: ``filters`` from fine to coarse; ``deep_levels`` coarser levels take part in the loss."""

    architecture: Literal["residual_unet"] = "residual_unet"
    filters: tuple[Annotated[int, Field(ge=4, le=512)], ...] = Field(
        default=(32, 64, 128, 256, 320, 320), min_length=3, max_length=7
    )
    deep_levels: int = Field(default=2, ge=0, le=4)

    @model_validator(mode="after")
    def _levels_exist(self) -> Self:
        if self.deep_levels > len(self.filters) - 2:
            raise ValueError(f"{len(self.filters)} filters leave at most {len(self.filters) - 2} deep levels")
        return self

    @property
    def side_multiple(self) -> int:
        """Every level but the first halves the input."""
        return int(2 ** (len(self.filters) - 1))


class UNETRSpec(_Spec):
    """UNETR; it sees inputs of exactly ``patch_size`` voxels along each axis."""

    architecture: Literal["unetr"] = "unetr"
    patch_size: int = Field(default=96, ge=16, le=192, multiple_of=16)
    feature_size: int = Field(default=16, ge=8, le=64)
    hidden_size: int = Field(default=768, ge=48, le=1536, multiple_of=12)

    @property
    def side_multiple(self) -> int:
        """The input has one size only."""
        return self.patch_size


class PlainConvUNetSpec(_Spec):
    """nnU-Net's plain UNet, as the study's teachers are: ``filters`` and ``strides`` (z, y, x) from fine to coarse."""

    architecture: Literal["plain_conv_unet"] = "plain_conv_unet"
    filters: tuple[Annotated[int, Field(ge=2, le=512)], ...] = Field(
        default=(32, 64, 128, 256, 320, 320), min_length=2, max_length=8
    )
    strides: tuple[tuple[Stride, Stride, Stride], ...] = (
        (1, 1, 1),
        (2, 2, 2),
        (2, 2, 2),
        (2, 2, 2),
        (2, 2, 2),
        (2, 2, 1),
    )
    convolutions: int = Field(default=2, ge=1, le=6)
    conv_bias: bool = True
    norm_affine: bool = True
    deep_levels: int = Field(default=0, ge=0, le=7)

    @model_validator(mode="after")
    def _levels_fit(self) -> Self:
        if len(self.strides) != len(self.filters):
            raise ValueError(f"{len(self.filters)} filters and {len(self.strides)} strides")
        if self.deep_levels > len(self.filters) - 2:
            raise ValueError(f"{len(self.filters)} filters leave at most {len(self.filters) - 2} deep levels")
        return self

    @property
    def side_multiple(self) -> int:
        """The longest product of strides along one axis: strides are powers of two."""
        return max(math.prod(stride[axis] for stride in self.strides) for axis in range(3))


AnySpec = SwinUNETRSpec | ResidualUNetSpec | UNETRSpec | PlainConvUNetSpec
NetworkSpec = Annotated[AnySpec, Field(discriminator="architecture")]


def build_network(spec: AnySpec) -> MultiHeadNetwork:
    """Return the network that ``spec`` describes, with fresh random weights."""
    # Imported here: reading a model's description needs neither torch's networks nor MONAI.
    match spec:
        case SwinUNETRSpec():
            from fedkd.networks.swinunetr import MultiHeadSwinUNETR

            return MultiHeadSwinUNETR(spec.in_channels, spec.heads, spec.feature_size, spec.window_size, spec.depths)
        case ResidualUNetSpec():
            from fedkd.networks.residual_unet import MultiHeadResidualUNet

            return MultiHeadResidualUNet(spec.in_channels, spec.heads, spec.filters, spec.deep_levels)
        case UNETRSpec():
            from fedkd.networks.unetr import MultiHeadUNETR

            return MultiHeadUNETR(spec.in_channels, spec.heads, spec.patch_size, spec.feature_size, spec.hidden_size)
        case PlainConvUNetSpec():
            from fedkd.networks.plain_conv_unet import MultiHeadPlainConvUNet, PlainConvShape

            shape = PlainConvShape(
                spec.filters, spec.strides, spec.convolutions, conv_bias=spec.conv_bias, norm_affine=spec.norm_affine
            )
            return MultiHeadPlainConvUNet(spec.in_channels, spec.heads, shape, spec.deep_levels)
