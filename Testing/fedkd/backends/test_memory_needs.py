"""A network that needs more memory than is left is refused before it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders.tiny_models import STUDENT, tiny_model
from fedkd.backends import Target, choice, make_ready, memory_needs
from fedkd.backends.memory_needs import needed_bytes, require_memory
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import StageSpec
from fedkd.networks import PlainConvUNetSpec, ResidualUNetSpec, SwinUNETRSpec, UNETRSpec
from fedkd.networks.spec import AnySpec

GB = 10**9
TESTING = Path(__file__).resolve().parents[2]


def test_a_system_that_does_not_say_what_is_left_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: None)
    require_memory(STUDENT)


@pytest.mark.parametrize("backend", ["torch", "openvino", "auto"])
def test_a_network_that_does_not_fit_is_refused_before_it_is_prepared(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "openvino" and not choice.has_openvino():
        pytest.skip("OpenVINO, an optional backend, is not installed")
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: 10**7)
    with pytest.raises(FedkdError) as caught:
        make_ready(tiny_model(), Target(backend, "cpu"))
    assert caught.value.code == ExitCode.OUT_OF_MEMORY
    assert "10 MB are free" in caught.value.what


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: needed_bytes(STUDENT))
    require_memory(STUDENT)


def stage(network: AnySpec, side: int = 96) -> StageSpec:
    return StageSpec.model_validate(STUDENT.model_dump() | {"network": network.model_dump(), "patch_size": side})


HEADS = {"hps": 6, "ms": 3, "calc": 2}


def test_the_studys_student_fits_beside_a_ct_on_eight_gigabytes() -> None:
    assert 1 * GB < needed_bytes(stage(SwinUNETRSpec(heads=HEADS, feature_size=48))) < 2 * GB


# Bytes per voxel of a patch of 96^3 at the peak of resident memory, measured in processes of their own.
@pytest.mark.parametrize(
    ("network", "measured"),
    [
        (SwinUNETRSpec(heads=HEADS, feature_size=12), 1394),
        (SwinUNETRSpec(heads=HEADS, feature_size=24), 1444),
        (SwinUNETRSpec(heads=HEADS, feature_size=24, window_size=4), 865),
        (SwinUNETRSpec(heads=HEADS, feature_size=48), 1643),
        (PlainConvUNetSpec(heads=HEADS, filters=(16, 32, 64, 128, 256, 320)), 510),
        (PlainConvUNetSpec(heads=HEADS), 969),
        (ResidualUNetSpec(heads=HEADS), 921),
        (UNETRSpec(heads=HEADS, feature_size=16), 572),
        (UNETRSpec(heads=HEADS, feature_size=64), 1877),
    ],
)
def test_estimate_is_a_little_less_than_what_was_measured(network: AnySpec, measured: int) -> None:
    assert 0.75 * measured < needed_bytes(stage(network)) / 96**3 <= measured


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are only known on Linux")
def test_a_patch_takes_at_least_what_was_estimated() -> None:
    """In a process of its own, where nothing that was freed before is used again."""
    command = [sys.executable, "-c", ONE_PATCH]
    ended = subprocess.run(command, cwd=TESTING, capture_output=True, text=True, check=True, timeout=300)
    taken, needed = (float(word) for word in ended.stdout.split())
    assert needed <= taken < 4 * needed


ONE_PATCH = """
import numpy as np, torch
from builders.tiny_models import STUDENT, tiny_model
from fedkd.backends.memory_needs import needed_bytes
from fedkd.backends.torch_backend import TorchBackend
from fedkd.case.memory import peak_mb, forget_peak
torch.set_num_threads(1)
stage = STUDENT
runner = TorchBackend(torch.device("cpu")).prepare(tiny_model(stage).network, stage)
patch = np.zeros((1, 1, 64, 64, 64), np.float32)
forget_peak()
before = peak_mb()
runner.probabilities(patch)
print((peak_mb() - before) * 1e6, needed_bytes(stage))
"""
