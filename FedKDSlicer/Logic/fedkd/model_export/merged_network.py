"""Our networks as plain networks of MONAI: all heads side by side in one output layer."""

from __future__ import annotations

from typing import Any

import torch
from monai.networks.nets.dynunet import DynUNet
from monai.networks.nets.swin_unetr import SwinUNETR
from monai.networks.nets.unetr import UNETR
from torch import nn

from fedkd.errors import ExitCode, FedkdError
from fedkd.model_export.stages import NamedStage
from fedkd.networks import ResidualUNetSpec, SwinUNETRSpec, UNETRSpec
from fedkd.networks.multi_head import MultiHeadNetwork

_CLASSES: dict[str, type[nn.Module]] = {"SwinUNETR": SwinUNETR, "DynUNet": DynUNet, "UNETR": UNETR}


def definition_of(stage: NamedStage) -> dict[str, Any]:
    """Return a stage's network in MONAI's configuration language; its channels are those of all heads, in order.

    Raises:
        FedkdError: USAGE for an architecture that MONAI does not have.
    """
    network = stage.spec.network
    channels = {"in_channels": network.in_channels, "out_channels": sum(network.heads.values())}
    match network:
        case SwinUNETRSpec():
            shape = {"feature_size": network.feature_size, "window_size": network.window_size}
            return {"_target_": "SwinUNETR", **channels, **shape, "depths": list(network.depths)}
        case ResidualUNetSpec():
            strides = [1] + [2] * (len(network.filters) - 1)
            return {
                "_target_": "DynUNet",
                "spatial_dims": 3,
                **channels,
                "kernel_size": [3] * len(strides),
                "strides": strides,
                "upsample_kernel_size": strides[1:],
                "filters": list(network.filters),
                "res_block": True,
            }
        case UNETRSpec():
            return {
                "_target_": "UNETR",
                **channels,
                "img_size": network.patch_size,
                "feature_size": network.feature_size,
                "hidden_size": network.hidden_size,
                "mlp_dim": 4 * network.hidden_size,
                "num_heads": 12,
            }
    raise FedkdError(
        ExitCode.USAGE,
        f"MONAI has no network like {network.architecture}.",
        where=stage.name,
        what_to_do="Export it with --format onnx.",
    )


def merged_network(stage: NamedStage) -> nn.Module:
    """Return the network of `definition_of` with the stage's weights, in evaluation mode.

    A 1x1x1 convolution for each head on the same features is one 1x1x1 convolution with all their channels.
    """
    definition = definition_of(stage)
    merged = _CLASSES[definition.pop("_target_")](**definition)
    backbone = next(module for name, module in stage.network.named_children() if name not in ("outs", "deep_outs"))
    weights = backbone.state_dict()
    output = "output_block" if isinstance(merged, DynUNet) else "out"
    for kind in ("weight", "bias"):
        weights[f"{output}.conv.conv.{kind}"] = torch.cat(_of_all_heads(stage.network, kind))
    wanted = merged.state_dict()
    # DynUNet's heads for deep supervision have no place here.
    merged.load_state_dict({name: weights[name] for name in wanted})
    return merged.eval()


def _of_all_heads(network: MultiHeadNetwork, kind: str) -> list[torch.Tensor]:
    return [head.get_parameter(f"conv.conv.{kind}").detach() for head in network.outs.values()]
