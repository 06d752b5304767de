"""The study's transformers: SwinUNETR and UNETR of MONAI with several heads."""

from __future__ import annotations

import torch

from fedkd.models.reference.inferred import Inferred, Tensors, make_spec
from fedkd.models.refusal import model_invalid
from fedkd.networks import SwinUNETRSpec, UNETRSpec

_SWIN = "swin_unetr."
_UNETR_PARTS = ("vit.", "encoder", "decoder")
_VIT_PATCH = 16
# MONAI's default, which no shape tells but these tables' second axis does.
_SWIN_ATTENTION_HEADS = (3, 6, 12, 24)
_INDEX_TABLE = ".relative_position_index"


def is_swinunetr(tensors: Tensors) -> bool:
    """True for names of the multi-head SwinUNETR."""
    return any(name.startswith(_SWIN) for name in tensors)


def infer_swinunetr(tensors: Tensors) -> Inferred:
    """Return what a checkpoint with ``swin_unetr.*`` and ``outs.<head>.conv.conv.*`` is."""
    feature_size, in_channels, *_ = tensors.shape(f"{_SWIN}encoder1.layer.conv1.conv.weight", 5)
    attention = [_attention(tensors, layer) for layer in range(1, 5)]
    table_rows = {rows for rows, _ in attention}
    # A table has a row for each offset between two voxels of a window: (2 w - 1)^3.
    window_size = round((attention[0][0] ** (1 / 3) + 1) / 2)
    if table_rows != {(2 * window_size - 1) ** 3} or tuple(heads for _, heads in attention) != _SWIN_ATTENTION_HEADS:
        raise model_invalid("The checkpoint's windows of attention are not those of a SwinUNETR.", tensors.path)
    depths = [len(tensors.numbers_after(f"{_SWIN}swinViT.layers{layer}.0.blocks.")) for layer in range(1, 5)]
    spec = make_spec(
        tensors.path,
        lambda: SwinUNETRSpec.model_validate(
            {
                "in_channels": in_channels,
                "heads": tensors.heads(),
                "feature_size": feature_size,
                "window_size": window_size,
                "depths": depths,
            }
        ),
    )
    return Inferred("multi-head SwinUNETR", spec, tensors, lambda name: name, _is_unused_in_swinunetr)


def _attention(tensors: Tensors, layer: int) -> tuple[int, int]:
    rows, heads = tensors.shape(f"{_SWIN}swinViT.layers{layer}.0.blocks.0.attn.relative_position_bias_table", 2)
    return rows, heads


def _is_unused_in_swinunetr(name: str) -> bool:
    # The tables of indices follow from the window's size; MONAI's own output layer is not asked.
    return name.endswith(_INDEX_TABLE) or name.startswith(f"{_SWIN}out.")


def is_unetr(tensors: Tensors) -> bool:
    """True for names of the multi-head UNETR."""
    return any(name.startswith("vit.") for name in tensors)


def infer_unetr(tensors: Tensors) -> Inferred:
    """Return what a checkpoint with ``vit.*`` and ``outs.<head>.conv.conv.*`` is, of older MONAI too."""
    feature_size, in_channels, *_ = tensors.shape("encoder1.layer.conv1.conv.weight", 5)
    _, patches, hidden_size = tensors.shape("vit.patch_embedding.position_embeddings", 3)
    spec = make_spec(
        tensors.path,
        lambda: UNETRSpec.model_validate(
            {
                "in_channels": in_channels,
                "heads": tensors.heads(),
                "feature_size": feature_size,
                "hidden_size": hidden_size,
                "patch_size": _VIT_PATCH * round(patches ** (1 / 3)),
            }
        ),
    )
    current = _as_of_today(tensors, in_channels, hidden_size)
    return Inferred("multi-head UNETR", spec, current, _name_in_unetr, _is_unused_in_unetr)


def _name_in_unetr(name: str) -> str:
    return name.removeprefix("unetr.")


def _is_unused_in_unetr(name: str) -> bool:
    return name.startswith("out.") or name == "vit.patch_embedding.cls_token"


def _as_of_today(tensors: Tensors, in_channels: int, hidden_size: int) -> Tensors:
    """Return the tensors under the names and in the shapes that MONAI has now."""
    current = Tensors(tensors.path, tensors)
    linear, convolution = "vit.patch_embedding.patch_embeddings.1", "vit.patch_embedding.patch_embeddings"
    if f"{linear}.weight" in current:
        tensors.shape(f"{linear}.weight", 2)
        flat = current.pop(f"{linear}.weight")
        side = _VIT_PATCH
        if tuple(flat.shape) != (hidden_size, side**3 * in_channels):
            raise model_invalid(f"The checkpoint's {linear}.weight has the shape {tuple(flat.shape)}.", tensors.path)
        # A linear layer over the voxels of a patch, channels last, is a convolution of stride 16.
        cubes = flat.reshape(hidden_size, side, side, side, in_channels)
        current[f"{convolution}.weight"] = cubes.permute(0, 4, 1, 2, 3).contiguous()
        if f"{linear}.bias" in current:
            current[f"{convolution}.bias"] = current.pop(f"{linear}.bias")
    for block in tensors.numbers_after("vit.blocks."):
        # Newer blocks have a norm for an attention to other inputs, which a UNETR does not have.
        norm = f"vit.blocks.{block}.norm_cross_attn"
        if f"{norm}.weight" not in current and f"{norm}.bias" not in current:
            current[f"{norm}.weight"] = torch.ones(hidden_size)
            current[f"{norm}.bias"] = torch.zeros(hidden_size)
    return current
