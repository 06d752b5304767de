"""OpenVINO gives what PyTorch gives; what it compiled is kept, and lost or damaged without harm."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from builders.tiny_models import LOCALIZER, NORMALIZATION, tiny_model
from fedkd.backends import StageRunner
from fedkd.backends.choice import has_openvino
from fedkd.backends.compiled_cache import CompiledCache, network_digest
from fedkd.backends.openvino_backend import OpenVinoBackend
from fedkd.backends.torch_backend import TorchBackend
from fedkd.models import StageSpec
from fedkd.networks import NetworkSpec, PlainConvUNetSpec, UNETRSpec, build_network
from fedkd.networks.multi_head import MultiHeadNetwork

pytestmark = pytest.mark.skipif(not has_openvino(), reason="OpenVINO, an optional backend, is not installed")

SPECS: tuple[NetworkSpec, ...] = (
    LOCALIZER.network,
    UNETRSpec(heads={"hps": 6, "calc": 2}, patch_size=16, feature_size=8, hidden_size=48),
    PlainConvUNetSpec(in_channels=2, heads={"calc": 2, "ms": 3}, filters=(4, 8), strides=((1, 1, 1), (2, 2, 1))),
)


def stage_of(spec: NetworkSpec) -> StageSpec:
    condition = "heart_labels" if spec.in_channels == 2 else None
    return StageSpec(
        network=spec, spacing_mm=1, patch_size=16, ball_radius_mm=4, normalization=NORMALIZATION, condition=condition
    )


@pytest.fixture
def cache(tmp_path: Path) -> CompiledCache:
    return CompiledCache(tmp_path / "compiled")


@pytest.fixture
def network() -> MultiHeadNetwork:
    localizer = tiny_model().localizer
    assert localizer is not None
    return localizer


def backend(cache: CompiledCache) -> OpenVinoBackend:
    return OpenVinoBackend(cache, number_format="f32")


def patches(channels: int = 1, batch: int = 2) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(batch, channels, 16, 16, 16)).astype(np.float32)


def in_torch(network: MultiHeadNetwork, stage: StageSpec) -> StageRunner:
    return TorchBackend(torch.device("cpu")).prepare(network, stage)


def assert_same(one: StageRunner, other: StageRunner, x: np.ndarray) -> None:
    wanted, found = one.probabilities(x), other.probabilities(x)
    assert list(found) == list(wanted)
    for head, values in wanted.items():
        assert found[head].shape == values.shape
        assert np.abs(found[head] - values).max() < 1e-4, head


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_every_architecture_gives_the_same_in_both(spec: NetworkSpec, cache: CompiledCache) -> None:
    network, stage = build_network(spec).eval(), stage_of(spec)
    assert_same(in_torch(network, stage), backend(cache).prepare(network, stage), patches(spec.in_channels))


def test_second_time_nothing_is_converted(
    network: MultiHeadNetwork, cache: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend(cache).prepare(network, LOCALIZER)
    monkeypatch.setattr(OpenVinoBackend, "_convert", lambda *_: pytest.fail("converted again"))
    assert_same(in_torch(network, LOCALIZER), backend(cache).prepare(network, LOCALIZER), patches())


def test_other_weights_are_compiled_anew(network: MultiHeadNetwork, cache: CompiledCache) -> None:
    backend(cache).prepare(network, LOCALIZER)
    with torch.no_grad():
        next(network.parameters()).mul_(1.5)
    assert_same(in_torch(network, LOCALIZER), backend(cache).prepare(network, LOCALIZER), patches())


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"\0" * len(raw), lambda raw: b""])
def test_damaged_cache_is_replaced(damage: object, network: MultiHeadNetwork, cache: CompiledCache) -> None:
    backend(cache).prepare(network, LOCALIZER)
    (stored,) = cache.folder.iterdir()
    whole = stored.read_bytes()
    stored.write_bytes(damage(whole))  # type: ignore[operator]
    assert_same(in_torch(network, LOCALIZER), backend(cache).prepare(network, LOCALIZER), patches())
    assert len(stored.read_bytes()) == len(whole)


def test_something_else_under_a_whole_networks_name_is_replaced(
    network: MultiHeadNetwork, cache: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompiledCache, "read", lambda *_: b"no network, although its digest is right")
    assert_same(in_torch(network, LOCALIZER), backend(cache).prepare(network, LOCALIZER), patches())


def test_cache_that_cannot_be_written_does_no_harm(network: MultiHeadNetwork, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    nowhere = CompiledCache(tmp_path / "file" / "compiled")
    assert_same(in_torch(network, LOCALIZER), backend(nowhere).prepare(network, LOCALIZER), patches())


def test_cache_keeps_the_newest_only(cache: CompiledCache) -> None:
    for number in range(20):
        cache.write((str(number),), b"x")
    assert cache.read(("19",)) == b"x"
    assert len(list(cache.folder.iterdir())) == 12


def test_digest_tells_patches_and_weights_apart(network: MultiHeadNetwork) -> None:
    larger = LOCALIZER.model_copy(update={"patch_size": 32})
    assert network_digest(network, LOCALIZER) == network_digest(network, LOCALIZER)
    assert network_digest(network, LOCALIZER) != network_digest(network, larger)


def test_nothing_is_reported_to_the_makers_of_openvino() -> None:
    assert sys.modules.get("openvino_telemetry") is None


def test_description_names_library_and_number_format(cache: CompiledCache) -> None:
    assert backend(cache).description.startswith("openvino 20")
    assert backend(cache).description.endswith("on cpu, f32")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_cache_that_others_may_write_to_is_not_used(cache: CompiledCache) -> None:
    cache.write(("key",), b"compiled")
    assert cache.read(("key",)) == b"compiled"
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    cache.folder.chmod(0o777)
    assert cache.read(("key",)) is None
    cache.write(("other",), b"compiled")
    assert len(list(cache.folder.iterdir())) == 1
