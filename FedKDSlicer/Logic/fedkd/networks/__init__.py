"""Multi-head segmentation networks, built from MONAI, which takes seconds to load: a description alone does without."""

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
    "NetworkSpec",
    "PlainConvUNetSpec",
    "ResidualUNetSpec",
    "SwinUNETRSpec",
    "UNETRSpec",
    "build_network",
]
