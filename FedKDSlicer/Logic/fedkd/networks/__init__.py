"""Multi-head segmentation networks, built from MONAI."""

from fedkd.networks.multi_head import MultiHeadNetwork
from fedkd.networks.spec import (
    AnySpec,
    NetworkSpec,
    PlainConvUNetSpec,
    ResidualUNetSpec,
    SwinUNETRSpec,
    UNETRSpec,
    build_network,
)

__all__ = [
    "AnySpec",
    "MultiHeadNetwork",
    "NetworkSpec",
    "PlainConvUNetSpec",
    "ResidualUNetSpec",
    "SwinUNETRSpec",
    "UNETRSpec",
    "build_network",
]
