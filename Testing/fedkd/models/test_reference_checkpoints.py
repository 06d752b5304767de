"""Checkpoints of the study's code give the logits of the bare networks, whatever form they were saved in."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from builders.reference_checkpoints import (
    Bare,
    UNetShape,
    multi_head_unet,
    older_monai,
    save,
    settings,
    single_task_unet,
    swinunetr,
    unetr,
)
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import LoadedModel, load_model
from fedkd.models.reference import REFERENCE_NORMALIZATIONS, load_reference


@pytest.fixture(autouse=True)
def _one_thread_and_one_seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def small_unet() -> Bare:
    torch.manual_seed(1)
    return multi_head_unet(UNetShape())


def assert_same_logits(model: LoadedModel, bare: Bare, x: torch.Tensor) -> None:
    with torch.inference_mode():
        expected, found = bare.logits(x), model.network(x)
    assert set(found) == set(expected)
    for head, values in expected.items():
        torch.testing.assert_close(found[head], values, atol=1e-5, rtol=0)


def refused(state: dict[str, object], tmp_path: Path) -> str:
    with pytest.raises(FedkdError) as caught:
        load_model(save(state, tmp_path / "refused.pt"))
    assert caught.value.code is ExitCode.MODEL_INVALID
    return caught.value.what


@pytest.mark.parametrize(("feature_size", "in_channels"), [(24, 1), (24, 2), (48, 1), (48, 2)])
def test_swinunetr(feature_size: int, in_channels: int, tmp_path: Path) -> None:
    bare = swinunetr(feature_size, in_channels)
    model = load_model(save(bare.state, tmp_path / "swin.pt"))
    stage = model.card.student
    assert (stage.network.architecture, stage.network.feature_size) == ("swinunetr", feature_size)
    assert (stage.network.window_size, stage.network.in_channels) == (7, in_channels)
    assert stage.network.heads == {"hps": 6, "ms": 3, "calc": 2}
    assert stage.condition == ("heart_labels" if in_channels == 2 else None)
    assert (stage.spacing_mm, stage.patch_size) == (1.0, 96)
    assert stage.normalization == REFERENCE_NORMALIZATIONS["student"]
    # The smallest input that leaves more than one voxel at the coarsest level.
    assert_same_logits(model, bare, torch.randn(1, in_channels, 32, 32, 64))


def test_other_windows_and_heads_of_swinunetr_are_read_from_the_tensors(tmp_path: Path) -> None:
    bare = swinunetr(12, window_size=4, heads={"heart": 8, "coronaries": 2})
    model = load_model(save(bare.state, tmp_path / "swin.pt"))
    assert model.card.student.network.window_size == 4
    assert_same_logits(model, bare, torch.randn(1, 1, 32, 32, 64))


@pytest.mark.parametrize("in_channels", [1, 2])
@pytest.mark.parametrize("form", [dict, older_monai])
def test_unetr(in_channels: int, form, tmp_path: Path) -> None:
    bare = unetr(in_channels)
    model = load_model(save(form(bare.state), tmp_path / "unetr.pth"))
    assert model.card.student.network.architecture == "unetr"
    assert model.card.student.patch_size == 32
    assert_same_logits(model, bare, torch.randn(1, in_channels, 32, 32, 32))


@pytest.mark.parametrize("prefix", ["model.", "unet."])
@pytest.mark.parametrize(
    "shape",
    [
        UNetShape(),
        UNetShape(in_channels=2, bias=False),
        UNetShape(filters=(2, 2, 3, 4, 5, 5), strides=((1, 1, 1), *[(2, 2, 2)] * 4, (2, 2, 1))),
    ],
)
def test_multi_head_nnunet(prefix: str, shape: UNetShape, tmp_path: Path) -> None:
    bare = multi_head_unet(shape, prefix)
    model = load_model(save(bare.state, tmp_path / "unet.pt"))
    network = model.card.student.network
    assert network.architecture == "plain_conv_unet"
    assert (network.filters, network.strides) == (shape.filters, shape.strides)
    assert model.card.student.normalization == REFERENCE_NORMALIZATIONS["unet"]
    assert_same_logits(model, bare, torch.randn(1, shape.in_channels, 32, 32, 32))
    deep = model.network.forward_deep(torch.randn(1, shape.in_channels, 32, 32, 32))
    assert len(deep) == len(shape.filters) - 1
    assert set(deep[-1]) == {"hps", "ms", "calc"}


def test_fewer_levels_with_heads_are_the_finest_ones(tmp_path: Path) -> None:
    bare = multi_head_unet(UNetShape(filters=(2, 3, 4, 5), strides=((1, 1, 1), *[(2, 2, 2)] * 3)), levels=1)
    assert_same_logits(load_model(save(bare.state, tmp_path / "unet.pt")), bare, torch.randn(1, 1, 16, 16, 16))


@pytest.mark.parametrize(("head", "task"), [("hps", 1), ("ms", 2), ("calc", 3)])
def test_single_task_nnunet_has_the_head_of_its_task(head: str, task: int, tmp_path: Path) -> None:
    bare = single_task_unet(UNetShape(), head)
    x = torch.randn(1, 1, 16, 16, 16)
    assert_same_logits(load_model(save(bare.state, tmp_path / "by_channels.pt")), bare, x)
    told = bare.state | settings(fed_task=task)
    assert_same_logits(load_model(save(told, tmp_path / "by_task.pt")), bare, x)


def test_the_original_nnunet_gives_the_same_logits(tmp_path: Path) -> None:
    unet = pytest.importorskip("dynamic_network_architectures.architectures.unet", reason="the original is not here")
    strides = [1, 2, 2, 2, 2, (2, 2, 1)]
    network = unet.PlainConvUNet(
        1,
        6,
        (4, 4, 8, 8, 10, 10),
        torch.nn.Conv3d,
        3,
        strides,
        2,
        6,
        2,
        conv_bias=True,
        norm_op=torch.nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        dropout_op=torch.nn.Dropout3d,
        dropout_op_kwargs={"p": 0.2},
        nonlin=torch.nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        deep_supervision=False,
    ).eval()
    bare = Bare(network.state_dict(), lambda x: {"hps": network(x)})
    assert_same_logits(load_model(save(bare.state, tmp_path / "nnunet.pt")), bare, torch.randn(1, 1, 32, 32, 64))


def test_wrapped_checkpoint_is_the_same(small_unet: Bare, tmp_path: Path) -> None:
    x = torch.randn(1, 1, 16, 16, 16)
    for name in ("model", "state_dict"):
        wrapped = save({name: small_unet.state, "round": 20}, tmp_path / f"{name}.pt")
        assert_same_logits(load_model(wrapped), small_unet, x)


def test_every_normalization_of_the_study_can_be_chosen(small_unet: Bare, tmp_path: Path) -> None:
    path = save(small_unet.state, tmp_path / "unet.pt")
    for name, expected in REFERENCE_NORMALIZATIONS.items():
        assert load_reference(path, name).card.student.normalization == expected


def test_saved_settings_are_honored_and_kept(small_unet: Bare, tmp_path: Path) -> None:
    whole = small_unet.state | settings(patches=0, fed_task=2)
    model = load_model(save(whole, tmp_path / "whole.pt"))
    assert model.card.student.patch_size == 192
    assert model.card.training["settings"] == {
        "fed_task": 2,
        "patches": False,
        "deep_supervision": False,
        "condition_on_seg": False,
        "output_seg": False,
    }
    averaged = {name: value.float() for name, value in settings().items()}
    assert load_model(save(small_unet.state | averaged, tmp_path / "mean.pt")).card.student.patch_size == 96


def test_settings_that_contradict_the_weights_or_each_other_are_refused(small_unet: Bare, tmp_path: Path) -> None:
    assert "label map" in refused(small_unet.state | settings(condition_on_seg=1), tmp_path)
    for broken in (0.5, float("nan"), float("inf")):
        what = refused(small_unet.state | {"patches": torch.tensor(broken)}, tmp_path)
        assert "patches" in what


def test_missing_and_left_over_tensors_are_named(small_unet: Bare, tmp_path: Path) -> None:
    lost = "model.encoder.stages.1.0.convs.1.norm.weight"
    names = [lost, lost.replace(".norm.", ".all_modules.2.")]
    names += [name.replace("model.", "model.decoder.") for name in names]
    state = {name: value for name, value in small_unet.state.items() if name not in names}
    what = refused(state | {"model.surprise.weight": torch.zeros(3)}, tmp_path)
    assert f"missing: {lost}" in what
    assert "left over: model.surprise.weight" in what
    without_first = {name: value for name, value in small_unet.state.items() if "stages.0.0.convs.0" not in name}
    assert "encoder.stages.0.0.convs.0.conv.weight" in refused(without_first, tmp_path)


def test_copies_of_one_tensor_that_differ_are_refused(small_unet: Bare, tmp_path: Path) -> None:
    name = "model.decoder.encoder.stages.0.0.convs.0.all_modules.0.weight"
    what = refused(small_unet.state | {name: small_unet.state[name] + 1}, tmp_path)
    assert name in what


def test_wrong_shapes_values_and_heads_are_refused(small_unet: Bare, tmp_path: Path) -> None:
    bias = "seg_layers.hps.1.bias"
    assert bias in refused(small_unet.state | {bias: torch.zeros(7)}, tmp_path)
    assert bias in refused(small_unet.state | {bias: torch.full((6,), torch.nan)}, tmp_path)
    channels = {"seg_layers.ms.1.weight": torch.zeros(4, 4, 1, 1, 1), "seg_layers.ms.1.bias": torch.zeros(4)}
    channels |= {"seg_layers.ms.0.weight": torch.zeros(4, 6, 1, 1, 1), "seg_layers.ms.0.bias": torch.zeros(4)}
    assert "ms has 4 channels" in refused(small_unet.state | channels, tmp_path)


def test_networks_of_others_are_refused_with_their_names(tmp_path: Path) -> None:
    assert "fc.weight" in refused({"fc.weight": torch.zeros(2, 2)}, tmp_path)
    assert "swin_unetr.encoder1" in refused({"swin_unetr.a": torch.zeros(2)}, tmp_path)
    assert "vit.patch_embedding" in refused(
        {"vit.a": torch.zeros(2), "encoder1.layer.conv1.conv.weight": torch.zeros(8, 1, 3, 3, 3)}, tmp_path
    )
