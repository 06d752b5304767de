"""The sliding window: what it counts, what it gives back; and the names of devices."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.backends import choose_device
from fedkd.backends.torch_backend import TorchBackend
from fedkd.errors import ExitCode, FedkdError
from fedkd.inference import normalize, probabilities_by_window, window_count
from fedkd.models import Normalization, StageSpec
from fedkd.networks import ResidualUNetSpec
from fedkd.networks.multi_head import MultiHeadNetwork

STAGE = StageSpec(
    network=ResidualUNetSpec(heads={"calc": 2}, filters=(4, 8, 8), deep_levels=0),
    spacing_mm=1,
    patch_size=16,
    ball_radius_mm=4,
    normalization=Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300),
)


class Brightness(MultiHeadNetwork):
    """Says "calcification" the surer, the brighter the voxel."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"calc": torch.cat([torch.zeros_like(x), x], dim=1)}


RUNNER = TorchBackend(torch.device("cpu")).prepare(Brightness(), STAGE)


@settings(max_examples=20, deadline=None)
@given(shape=st.tuples(*[st.integers(3, 60)] * 3), seed=st.integers(0, 99))
def test_windows_are_counted_and_put_together_without_seams(shape: tuple[int, int, int], seed: int) -> None:
    ct_hu = torch.randint(-1024, 1500, shape, generator=torch.Generator().manual_seed(seed)).numpy()
    ticks: list[None] = []
    maps = probabilities_by_window(RUNNER, ct_hu, lambda: ticks.append(None))
    wanted = torch.sigmoid(torch.from_numpy(normalize(ct_hu, STAGE.normalization))).numpy()
    assert maps["calc"].shape == (2, *shape)
    assert abs(maps["calc"][1] - wanted).max() < 1e-4
    assert len(ticks) == window_count(shape, STAGE.patch_size)


def test_auto_and_cpu_are_always_there() -> None:
    assert choose_device("auto").type in ("cpu", "cuda")
    assert choose_device("cpu").type == "cpu"


def test_unknown_device_is_refused() -> None:
    with pytest.raises(FedkdError) as caught:
        choose_device("abacus")
    assert caught.value.code == ExitCode.USAGE


@pytest.mark.skipif(torch.cuda.is_available(), reason="this computer has a GPU")
def test_missing_gpu_is_said_before_any_work() -> None:
    with pytest.raises(FedkdError) as caught:
        choose_device("cuda")
    assert caught.value.code == ExitCode.DEPENDENCY_MISSING
