"""Multi-head segmentation networks, built from MONAI."""

from fedkd.networks.multi_head import MultiHeadNetwork
from fedkd.networks.spec import NetworkSpec, ResidualUNetSpec, SwinUNETRSpec, UNETRSpec, build_network

__all__ = [
    "MultiHeadNetwork",
    "NetworkSpec",
    "ResidualUNetSpec",
    "SwinUNETRSpec",
    "UNETRSpec",
    "build_network",
]
