"""Who runs the networks: by name, and by free choice with and without OpenVINO."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch

from builders.tiny_models import LOCALIZER, tiny_model
from fedkd.backends import Target, choice, choose_backend, make_ready
from fedkd.backends.openvino_backend import OpenVinoBackend
from fedkd.backends.torch_backend import TorchBackend, patches_that_fit
from fedkd.errors import ExitCode, FedkdError

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="this computer has a GPU")


def refusal(target: Target) -> ExitCode:
    with pytest.raises(FedkdError) as caught:
        choose_backend(target)
    return caught.value.code


def test_torch_is_always_there() -> None:
    assert choose_backend(Target("torch", "cpu")).description.endswith("on cpu, float32")


def test_other_names_are_refused() -> None:
    assert refusal(Target("abacus")) == ExitCode.USAGE
    assert refusal(Target(device="abacus")) == ExitCode.USAGE


@without_gpu
def test_openvino_is_the_free_choice_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("openvino") is not None:
        assert choose_backend(Target()).description.startswith("openvino")
    monkeypatch.setattr(choice, "has_openvino", lambda: False)
    assert choose_backend(Target()).description.startswith("torch")


def test_missing_openvino_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "has_openvino", lambda: False)
    assert refusal(Target("openvino")) == ExitCode.DEPENDENCY_MISSING


@without_gpu
def test_network_that_openvino_cannot_run_goes_to_torch_by_free_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    if not choice.has_openvino():
        pytest.skip("OpenVINO, an optional backend, is not installed")

    def fail(*_: object) -> None:
        raise RuntimeError("unknown operation")

    monkeypatch.setattr(OpenVinoBackend, "_from_cache", lambda *_: None)
    monkeypatch.setattr(OpenVinoBackend, "_convert", fail)
    ready = make_ready(tiny_model())
    assert "torch" in ready.backend
    assert ready.coarse.probabilities(np.zeros((1, 1, 16, 16, 16), np.float32))["hps"].shape == (1, 6, 16, 16, 16)
    with pytest.raises(FedkdError) as caught:
        make_ready(tiny_model(), Target("openvino"))
    assert caught.value.code == ExitCode.DEPENDENCY_MISSING
    assert "--backend torch" in caught.value.what_to_do


def test_patches_are_counted_by_the_free_memory() -> None:
    assert patches_that_fit(free_bytes=8_000, bytes_per_patch=1_000) == 4
    assert patches_that_fit(free_bytes=100, bytes_per_patch=1_000) == 1
    assert patches_that_fit(free_bytes=10**9, bytes_per_patch=1) == 8


def test_torch_takes_fewer_patches_when_they_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny_model().localizer
    assert network is not None
    runner = TorchBackend(torch.device("cpu")).prepare(network, LOCALIZER)
    x = np.random.default_rng(0).normal(size=(5, 1, 16, 16, 16)).astype(np.float32)
    wanted = runner.probabilities(x)
    run, limit = runner._run, 2

    def small_memory(patches: torch.Tensor) -> dict[str, torch.Tensor]:
        if len(patches) > limit:
            raise torch.OutOfMemoryError("too many")
        return run(patches)

    monkeypatch.setattr(runner, "_run", small_memory)
    monkeypatch.setattr(runner, "_batch_size", 4)
    found = runner.probabilities(x)
    assert all(np.allclose(found[head], wanted[head], atol=1e-5) for head in wanted)
    assert runner.batch_size == 2
    limit = 0
    with pytest.raises(FedkdError) as caught:
        runner.probabilities(x)
    assert caught.value.code == ExitCode.OUT_OF_MEMORY
