"""A network as a graph of PyTorch's operations, from which other libraries make theirs."""

from __future__ import annotations

import warnings

import torch

from fedkd.networks.multi_head import MultiHeadNetwork


def export_network(network: MultiHeadNetwork, in_channels: int, side: int) -> torch.export.ExportedProgram:
    """Return the graph for inputs (1, ``in_channels``, ``side``, ``side``, ``side``); its outputs are the heads'.

    Unlike tracing, exporting calculates nothing: it follows the shapes. The network is moved to the processor.
    """
    example = torch.zeros(1, in_channels, side, side, side)
    with torch.no_grad(), warnings.catch_warnings():
        # MONAI's DynUNet notes features of its levels in passing, which the graph leaves out.
        warnings.simplefilter("ignore")
        return torch.export.export(network.cpu().eval(), (example,))
