"""The study's teachers: nnU-Net's PlainConvUNet with one head or several."""

from __future__ import annotations

import re

import torch

from fedkd.anatomy import HEADS
from fedkd.models.reference.inferred import Inferred, Tensors, make_spec
from fedkd.models.reference.settings import HEAD_OF_TASK
from fedkd.models.refusal import model_invalid
from fedkd.networks import PlainConvUNetSpec

# The network as a part of the study's class; "unet." is older. Alone it has no prefix.
_PREFIXES = ("model.", "unet.", "")
_MULTI_HEAD = "seg_layers."
_SINGLE_HEAD = "decoder.seg_layers."
_SECOND_NAME = re.compile(r"\.all_modules\.(\d+)\.")
_OUT = re.compile(r"^outs\.([^.]+)\.conv\.conv\.(weight|bias)$")
_DEEP_OUT = re.compile(r"^deep_outs\.(\d+)\.([^.]+)\.conv\.conv\.(weight|bias)$")
_SAME = 1e-6


def is_plain_conv_unet(tensors: Tensors) -> bool:
    """True for names of nnU-Net's PlainConvUNet."""
    return _prefix(tensors) is not None


def infer_plain_conv_unet(tensors: Tensors, fed_task: int | None) -> Inferred:
    """Return what a checkpoint with ``encoder.stages.*`` and ``seg_layers.*`` is.

    Args:
        tensors: the checkpoint.
        fed_task: the saved task, which names the head of a network that has only one.
    """
    prefix = _prefix(tensors) or ""
    tensors = _each_once(tensors)
    is_multi = any(name.startswith(_MULTI_HEAD) for name in tensors)
    layers = _multi_head_layers(tensors) if is_multi else _single_head_layers(tensors, prefix, fed_task)
    heads = {head: tensors.shape(f"{names[-1]}.weight", 5)[0] for head, names in layers.items()}
    spec = make_spec(tensors.path, lambda: _spec(tensors, prefix, heads, max(map(len, layers.values()), default=1)))

    def name_of(ours: str) -> str:
        if match := _OUT.match(ours):
            return f"{layers[match[1]][-1]}.{match[2]}"
        if match := _DEEP_OUT.match(ours):
            names, level = layers[match[2]], int(match[1]) + 2
            return f"{names[-level]}.{match[3]}" if level <= len(names) else ours
        return prefix + ours

    def is_unused(name: str) -> bool:
        # The network's own output layers, where the heads stand in for them.
        return is_multi and name.startswith(prefix + _SINGLE_HEAD)

    kind = "multi-head nnU-Net" if is_multi else "single-task nnU-Net"
    return Inferred(kind, spec, tensors, name_of, is_unused)


def _prefix(tensors: Tensors) -> str | None:
    found = [prefix for prefix in _PREFIXES if any(name.startswith(f"{prefix}encoder.stages.") for name in tensors)]
    return found[0] if found else None


def _each_once(tensors: Tensors) -> Tensors:
    """Return every tensor under one name: PlainConvUNet registers convolutions and its encoder twice."""
    once = Tensors(tensors.path, {})
    for name, tensor in tensors.items():
        first = _SECOND_NAME.sub(lambda match: ".conv." if match[1] == "0" else ".norm.", name)
        first = first.replace("decoder.encoder.", "encoder.", 1)
        if first in once and not _is_same(once[first], tensor):
            raise model_invalid(f"The checkpoint's {name} and {first} should be the same and differ.", tensors.path)
        once.setdefault(first, tensor)
    return once


def _is_same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return one.data_ptr() == other.data_ptr() or torch.allclose(one.double(), other.double(), atol=_SAME, rtol=_SAME)


def _multi_head_layers(tensors: Tensors) -> dict[str, list[str]]:
    """Return for each head the names of its layers, from coarse to fine."""
    parts = [name.split(".") for name in tensors if name.startswith(_MULTI_HEAD)]
    heads = sorted({part[1] for part in parts if len(part) == 4})
    layers = {head: _layers(tensors, f"{_MULTI_HEAD}{head}.") for head in heads}
    if not layers or not all(layers.values()):
        raise model_invalid("The checkpoint's heads (seg_layers.<head>.<level>) are not as expected.", tensors.path)
    return layers


def _single_head_layers(tensors: Tensors, prefix: str, fed_task: int | None) -> dict[str, list[str]]:
    names = _layers(tensors, prefix + _SINGLE_HEAD)
    if not names:
        raise model_invalid(f"The checkpoint has no head ({prefix}{_SINGLE_HEAD}<level>).", tensors.path)
    channels = tensors.shape(f"{names[-1]}.weight", 5)[0]
    by_channels = {len(head.channels): name for name, head in HEADS.items()}
    return {HEAD_OF_TASK.get(fed_task or 0, by_channels.get(channels, "task")): names}


def _layers(tensors: Tensors, start: str) -> list[str]:
    return [f"{start}{level}" for level in tensors.numbers_after(start)]


def _spec(tensors: Tensors, prefix: str, heads: dict[str, int], levels: int) -> PlainConvUNetSpec:
    stages = tensors.numbers_after(f"{prefix}encoder.stages.")
    first = f"{prefix}encoder.stages.0.0.convs.0"
    filters = [tensors.shape(f"{prefix}encoder.stages.{stage}.0.convs.0.conv.weight", 5)[0] for stage in stages]
    # The transposed convolution that leads back up has the stride that led down; the finest stage has none.
    ups = [tensors.shape(f"{prefix}decoder.transpconvs.{up}.weight", 5)[2:] for up in range(len(stages) - 1)]
    return PlainConvUNetSpec.model_validate(
        {
            "in_channels": tensors.shape(f"{first}.conv.weight", 5)[1],
            "heads": heads,
            "filters": filters,
            "strides": [(1, 1, 1), *reversed(ups)],
            "convolutions": len(tensors.numbers_after(f"{prefix}encoder.stages.0.0.convs.")),
            "conv_bias": f"{first}.conv.bias" in tensors,
            "norm_affine": f"{first}.norm.weight" in tensors,
            "deep_levels": levels - 1,
        }
    )
