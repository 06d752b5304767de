"""Teachers' probabilities: kept on their own grid, cut out with the patch, and learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.models.card import Normalization, StageSpec
from fedkd.networks import ResidualUNetSpec
from fedkd.training.batches import Batch
from fedkd.training.distillation import DistillationTerm
from fedkd.training.prepared import PreparedCase
from fedkd.training.recipe import HeadLoss, Sampling
from fedkd.training.samples import draw_sample
from fedkd.training.soft_labels import LEAST_LOG, SoftLabel, read_soft_label, write_soft_label

GRID = Grid((6, 5, 4), (2.0, 2.0, 2.0), (10.0, -5.0, 3.0))
STAGE = StageSpec(
    network=ResidualUNetSpec(heads={"calc": 2}, filters=(4, 8, 8), deep_levels=1),
    spacing_mm=3.0,
    patch_size=16,
    ball_radius_mm=6.0,
    normalization=Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300),
)


def probabilities(channels: int, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 3, (channels, *shape)).astype(np.float32)
    return np.exp(logits) / np.exp(logits).sum(axis=0)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calc.soft.safetensors"
    written = probabilities(2, GRID.size_xyz[::-1])
    write_soft_label(path, written, GRID)
    read = read_soft_label(path, 2)
    assert read.grid == GRID
    assert np.allclose(np.exp(read.log_probabilities.astype(np.float32)), written, atol=2e-3)
    for content in (path.read_bytes()[:-3], b"", b"\xff" * 200):
        path.write_bytes(content)
        with pytest.raises(FedkdError) as caught:
            read_soft_label(path, 2)
        assert caught.value.code == ExitCode.TRAINING_DATA_INVALID


def test_of_another_head_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calc.soft.safetensors"
    write_soft_label(path, probabilities(2, GRID.size_xyz[::-1]), GRID)
    with pytest.raises(FedkdError):
        read_soft_label(path, 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.floats(0.5, 4))
def test_index_map_leads_to_the_same_place(index_zyx: list[float], spacing_mm: float) -> None:
    other = Grid((9, 8, 7), (spacing_mm,) * 3, (-3.0, 4.0, 8.0))
    matrix, offset = SoftLabel(np.zeros((2, 4, 5, 6), np.float16), GRID).index_map(other)
    mapped = matrix @ np.array(index_zyx) + offset
    assert np.allclose(GRID.index_to_lps(mapped[::-1]), other.index_to_lps(index_zyx[::-1]), atol=1e-6)


def prepared(soft: SoftLabel) -> PreparedCase:
    grid = Grid((40, 40, 40), (3.0, 3.0, 3.0), (0.0, 0.0, 0.0))
    ct = np.zeros((40, 40, 40), np.int16)
    mask = np.zeros((40, 40, 40), np.uint8)
    mask[18:22, 18:22, 18:22] = 1
    return PreparedCase("case", grid, ct, {}, mask, None, soft={"calc": soft})


def test_patch_takes_the_teachers_view_where_there_is_one_and_not_the_label() -> None:
    # The teacher saw a cube of finer voxels around the labels: foreground on its upper half.
    grid = Grid.centered((58.5,) * 3, (30, 30, 30), 1.0)
    foreground = np.full((30, 30, 30), 0.1, np.float32)
    foreground[15:] = 0.9
    soft = SoftLabel(np.log(np.stack([1 - foreground, foreground])).astype(np.float16), grid)
    still = Sampling(jitter_sd_mm=0, rotation_sd_deg=0, scale_sd=0, context_dropout=0)
    sample = draw_sample(prepared(soft), STAGE, still, np.random.default_rng(0))
    assert sample.labels == {}
    # The patch has 48 mm, the teacher's view 30: beyond it there is background.
    assert sample.soft["calc"][:, 0, 0, 0] == pytest.approx([0.0, LEAST_LOG])
    middle = sample.soft["calc"][1, :, 6:10, 6:10]
    assert np.median(middle[9:12]) == pytest.approx(np.log(0.9), abs=0.01)
    assert np.median(middle[4:7]) == pytest.approx(np.log(0.1), abs=0.01)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_divergence_is_none_from_oneself_and_falls_toward_the_teacher(temperature: float) -> None:
    logs = torch.log(torch.from_numpy(probabilities(3, (8, 8, 8))))[None]
    term = DistillationTerm(temperature, {"ms": HeadLoss(foreground_weight=5)})
    batch = Batch(torch.zeros(1, 1, 8, 8, 8), {}, {"ms": logs})
    assert float(term(batch, [{"ms": logs + 7.0}])) == pytest.approx(0, abs=1e-5)
    scores = torch.zeros(1, 3, 8, 8, 8, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.3)
    values = []
    for _ in range(60):
        loss = term(batch, [{"ms": scores}])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    assert values[-1] < 0.1 * values[0]
    assert torch.allclose(scores.detach().softmax(dim=1), logs.exp(), atol=0.15)


def test_voxels_that_the_teacher_did_not_see_teach_nothing() -> None:
    logs = torch.log(torch.from_numpy(probabilities(2, (4, 4, 4))))[None].clone()
    logs[:, :, 2:] = float("nan")
    scores = torch.zeros(1, 2, 4, 4, 4, requires_grad=True)
    term = DistillationTerm(2.0, {})
    loss = term(Batch(torch.zeros(1, 1, 4, 4, 4), {}, {"calc": logs}), [{"calc": scores}])
    loss.backward()
    assert bool(torch.isfinite(loss))
    assert scores.grad is not None
    assert bool((scores.grad[:, :, 2:] == 0).all())
    assert bool((scores.grad[:, :, :2] != 0).any())
    nothing = term(
        Batch(torch.zeros(1, 1, 4, 4, 4), {}, {"calc": torch.full_like(logs, torch.nan)}), [{"calc": scores}]
    )
    assert float(nothing.detach()) == 0
