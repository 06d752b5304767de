"""Checkpoints as the study's code writes them, with random weights, and the bare networks that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from monai.networks.blocks.dynunet_block import UnetOutBlock
from monai.networks.nets.swin_unetr import SwinUNETR
from monai.networks.nets.unetr import UNETR
from torch import nn
from torch.nn import functional

HEADS = {"hps": 6, "ms": 3, "calc": 2}
State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Bare:
    """``state``: what is saved. ``logits``: what the network itself makes of an input, by head."""

    state: State
    logits: Callable[[torch.Tensor], State]


def settings(**saved: int) -> State:
    """The scalar buffers that are saved beside the weights."""
    values = {"fed_task": 0, "patches": 1, "deep_supervision": 0, "condition_on_seg": 0, "output_seg": 0} | saved
    return {name: torch.tensor(value) for name, value in values.items()}


def swinunetr(
    feature_size: int, in_channels: int = 1, window_size: int = 7, heads: dict[str, int] | None = None
) -> Bare:
    network = SwinUNETR(in_channels, 1, feature_size=feature_size, window_size=window_size).eval()
    outs = nn.ModuleDict({name: UnetOutBlock(3, feature_size, size) for name, size in (heads or HEADS).items()})
    state = _named("swin_unetr.", network) | _named("outs.", outs) | settings(condition_on_seg=in_channels - 1)
    return Bare(state, lambda x: _from_features(network, outs, x))


def unetr(in_channels: int = 1, side: int = 32) -> Bare:
    network = UNETR(in_channels, 1, side, feature_size=8, hidden_size=48, mlp_dim=192).eval()
    nn.init.normal_(network.vit.patch_embedding.position_embeddings)
    outs = nn.ModuleDict({name: UnetOutBlock(3, 8, size) for name, size in HEADS.items()})
    without_out = {name: value for name, value in network.state_dict().items() if not name.startswith("out.")}
    state = without_out | _named("outs.", outs) | settings(condition_on_seg=in_channels - 1)
    return Bare(state, lambda x: _from_features(network, outs, x))


def older_monai(state: State) -> State:
    """The same UNETR as MONAI before 1.4 named it: a linear layer on patches, no norms for other inputs."""
    older = {name: value for name, value in state.items() if "norm_cross_attn" not in name}
    start = "vit.patch_embedding.patch_embeddings"
    convolution = older.pop(f"{start}.weight")
    older[f"{start}.1.weight"] = convolution.permute(0, 2, 3, 4, 1).flatten(1)
    older[f"{start}.1.bias"] = older.pop(f"{start}.bias")
    older["vit.patch_embedding.cls_token"] = torch.zeros(1, 1, len(convolution))
    return older


@dataclass(frozen=True)
class UNetShape:
    filters: tuple[int, ...] = (4, 6, 8)
    strides: tuple[tuple[int, int, int], ...] = ((1, 1, 1), (2, 2, 2), (2, 2, 1))
    in_channels: int = 1
    bias: bool = True


def multi_head_unet(shape: UNetShape, prefix: str = "model.", levels: int | None = None) -> Bare:
    """``levels``: how many of the decoder's levels have heads; default: all."""
    stages = _unet_state(shape)
    coarse_to_fine = shape.filters[-2::-1]
    kept = coarse_to_fine[-levels:] if levels else coarse_to_fine
    layers: State = {}
    for name, size in HEADS.items():
        for i, features in enumerate(kept):
            layers |= _layer(f"seg_layers.{name}.{i}", features, size)
    saved = {f"{prefix}{name}": value for name, value in _named_twice(stages).items()}
    own = {f"{prefix}{name}": value for name, value in _own_layers(coarse_to_fine, 2).items()}
    state = saved | own | layers | settings(deep_supervision=1, condition_on_seg=shape.in_channels - 1)
    last = len(kept) - 1

    def logits(x: torch.Tensor) -> State:
        features = unet_features(stages, shape, x)
        names = {head: f"seg_layers.{head}.{last}" for head in HEADS}
        return {
            head: functional.conv3d(features, layers[f"{name}.weight"], layers[f"{name}.bias"])
            for head, name in names.items()
        }

    return Bare(state, logits)


def single_task_unet(shape: UNetShape, head: str) -> Bare:
    stages = _unet_state(shape)
    coarse_to_fine = shape.filters[-2::-1]
    layers = _own_layers(coarse_to_fine, HEADS[head])
    finest = f"decoder.seg_layers.{len(coarse_to_fine) - 1}"

    def logits(x: torch.Tensor) -> State:
        features = unet_features(stages, shape, x)
        return {head: functional.conv3d(features, layers[f"{finest}.weight"], layers[f"{finest}.bias"])}

    return Bare(_named_twice(stages) | layers, logits)


def unet_features(state: State, shape: UNetShape, x: torch.Tensor) -> torch.Tensor:
    """nnU-Net's plain UNet as formulas: the finest decoder features."""
    skips = []
    for stage, stride in enumerate(shape.strides):
        x = _stack(state, f"encoder.stages.{stage}.0", stride, x)
        skips.append(x)
    for up, skip in enumerate(skips[-2::-1]):
        stride = shape.strides[-1 - up]
        name = f"decoder.transpconvs.{up}"
        x = functional.conv_transpose3d(x, state[f"{name}.weight"], state.get(f"{name}.bias"), stride)
        x = _stack(state, f"decoder.stages.{up}", (1, 1, 1), torch.cat((x, skip), 1))
    return x


def save(state: dict[str, object], path: Path) -> Path:
    torch.save(state, path)
    return path


def _stack(state: State, name: str, stride: tuple[int, int, int], x: torch.Tensor) -> torch.Tensor:
    for number, step in ((0, stride), (1, (1, 1, 1))):
        unit = f"{name}.convs.{number}"
        x = functional.conv3d(x, state[f"{unit}.conv.weight"], state.get(f"{unit}.conv.bias"), step, padding=1)
        x = functional.instance_norm(x, weight=state[f"{unit}.norm.weight"], bias=state[f"{unit}.norm.bias"])
        x = functional.leaky_relu(x, 0.01)
    return x


def _unet_state(shape: UNetShape) -> State:
    state: State = {}
    before = (shape.in_channels, *shape.filters)
    for stage, features in enumerate(shape.filters):
        state |= _stack_state(f"encoder.stages.{stage}.0", before[stage], features, shape.bias)
    for up, fine in enumerate(shape.filters[-2::-1]):
        coarse = shape.filters[-1 - up]
        weight = torch.randn(coarse, fine, *shape.strides[-1 - up]) * 0.3
        state[f"decoder.transpconvs.{up}.weight"] = weight
        if shape.bias:
            state[f"decoder.transpconvs.{up}.bias"] = torch.randn(fine)
        state |= _stack_state(f"decoder.stages.{up}", 2 * fine, fine, shape.bias)
    return state


def _stack_state(name: str, inputs: int, features: int, bias: bool) -> State:
    state: State = {}
    for number, size in ((0, inputs), (1, features)):
        unit = f"{name}.convs.{number}"
        state[f"{unit}.conv.weight"] = torch.randn(features, size, 3, 3, 3) * 0.2
        if bias:
            state[f"{unit}.conv.bias"] = torch.randn(features)
        state[f"{unit}.norm.weight"] = torch.rand(features) + 0.5
        state[f"{unit}.norm.bias"] = torch.randn(features)
    return state


def _named_twice(stages: State) -> State:
    """PlainConvUNet registers convolutions and norms twice, and the encoder in its decoder again."""
    twice: State = {}
    for name, value in stages.items():
        twice[name] = value
        # Dropout has the place between them, but no weights.
        alias = name.replace(".conv.", ".all_modules.0.").replace(".norm.", ".all_modules.2.")
        twice[alias] = value
        if name.startswith("encoder."):
            twice[f"decoder.{name}"] = value
            twice[f"decoder.{alias}"] = value
    return twice


def _own_layers(coarse_to_fine: tuple[int, ...], channels: int) -> State:
    state: State = {}
    for i, features in enumerate(coarse_to_fine):
        state |= _layer(f"decoder.seg_layers.{i}", features, channels)
    return state


def _layer(name: str, features: int, channels: int) -> State:
    return {f"{name}.weight": torch.randn(channels, features, 1, 1, 1), f"{name}.bias": torch.randn(channels)}


def _named(prefix: str, module: nn.Module) -> State:
    return {f"{prefix}{name}": value for name, value in module.state_dict().items()}


def _from_features(network: nn.Module, outs: nn.ModuleDict, x: torch.Tensor) -> State:
    """The heads on what the network's own output layer is given."""
    given = []
    handle = network.out.register_forward_hook(lambda _, inputs, __: given.append(inputs[0]))
    network(x)
    handle.remove()
    return {name: head(given[0]) for name, head in outs.items()}
