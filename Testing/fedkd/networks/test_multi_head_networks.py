"""Every network: shapes per head, levels for deep supervision, the study's key names."""

from __future__ import annotations

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from fedkd.networks import NetworkSpec, ResidualUNetSpec, SwinUNETRSpec, UNETRSpec, build_network

HEADS = {"hps": 6, "ms": 3, "calc": 2}
SPECS = [
    SwinUNETRSpec(heads=HEADS, feature_size=12, window_size=4),
    ResidualUNetSpec(heads=HEADS, filters=(4, 8, 16, 16), deep_levels=2),
    UNETRSpec(heads=HEADS, patch_size=32, hidden_size=48, feature_size=8),
]


@pytest.mark.parametrize(
    ("spec", "side"), list(zip(SPECS, (64, 32, 32), strict=True)), ids=lambda value: str(value)[:30]
)
def test_each_head_gives_logits_of_the_input_size(spec: NetworkSpec, side: int) -> None:
    network = build_network(spec).eval()
    with torch.inference_mode():
        logits = network(torch.zeros(1, 1, side, side, side))
    assert {name: tuple(value.shape) for name, value in logits.items()} == {
        name: (1, channels, side, side, side) for name, channels in HEADS.items()
    }


def test_deep_supervision_levels_halve_in_size_and_all_learn() -> None:
    network = build_network(SPECS[1])
    levels = network.forward_deep(torch.randn(1, 1, 32, 32, 32))
    assert [level["hps"].shape[-1] for level in levels] == [32, 16, 8]
    torch.stack([value.square().mean() for level in levels for value in level.values()]).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("spec", "side"), list(zip(SPECS, (64, 32, 32), strict=True)), ids=lambda value: str(value)[:30]
)
def test_heads_on_the_features_give_what_the_whole_network_gives(spec: NetworkSpec, side: int) -> None:
    network = build_network(spec).eval()
    image = torch.randn(1, 1, side, side, side)
    with torch.inference_mode():
        whole, levels = network(image), network.logits(network.features(image), ["ms"])
    assert [list(level) for level in levels] == [["ms"]] * len(levels)
    assert torch.equal(levels[0]["ms"], whole["ms"])


def test_student_has_the_key_names_of_the_studys_checkpoints() -> None:
    keys = set(build_network(SPECS[0]).state_dict())
    assert "swin_unetr.swinViT.patch_embed.proj.weight" in keys
    assert {"outs.hps.conv.conv.weight", "outs.hps.conv.conv.bias"} <= keys


@pytest.mark.parametrize(
    "broken",
    [
        {"architecture": "swinunetr", "heads": {"hps": 6}, "feature_size": 13},
        {"architecture": "swinunetr", "heads": {"hps": 1}},
        {"architecture": "resnet", "heads": {"hps": 6}},
        {"architecture": "unetr", "heads": {"hps": 6}, "patch_size": 95},
        {"architecture": "residual_unet", "heads": {"hps": 6}, "filters": [8]},
    ],
)
def test_impossible_descriptions_are_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(NetworkSpec).validate_python(broken)
