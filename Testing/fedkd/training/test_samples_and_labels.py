"""Patches: image and labels move together; only labels that exist are made."""

from __future__ import annotations

import numpy as np
import pytest

from fedkd.geometry import Grid
from fedkd.models.card import Normalization, StageSpec
from fedkd.networks import SwinUNETRSpec
from fedkd.training.labels import paint_balls
from fedkd.training.prepared import PreparedCase
from fedkd.training.recipe import Sampling
from fedkd.training.samples import draw_sample

STAGE = StageSpec(
    network=SwinUNETRSpec(heads={"hps": 6, "ms": 3, "calc": 2}, feature_size=12, window_size=4),
    spacing_mm=1.5,
    patch_size=32,
    ball_radius_mm=4.0,
    normalization=Normalization(clip_low_hu=-1000, clip_high_hu=2000, mean_hu=0, sd_hu=1000),
)


def case_with_bright_ball() -> PreparedCase:
    """RCC at the center of a ball of 1500 HU in tissue of 0 HU; nothing else is labeled but calcification there."""
    grid = Grid.centered((5.0, 6.0, 7.0), (64, 64, 64), 1.5)
    ball = paint_balls(np.array([[31.5, 31.5, 31.5]]), (64, 64, 64), 4.0 / 1.5)
    points = np.full((5, 3), np.nan)
    points[0] = grid.index_to_lps((31.5, 31.5, 31.5))
    return PreparedCase("ball", grid, ball.astype(np.int16) * 1500, {"hps": points}, ball, None)


@pytest.mark.parametrize("seed", range(8))
def test_labels_follow_the_image_through_turns_and_scales(seed: int) -> None:
    sampling = Sampling(jitter_sd_mm=4, rotation_sd_deg=30, scale_sd=0.05, context_dropout=0)
    sample = draw_sample(case_with_bright_ball(), STAGE, sampling, np.random.default_rng(seed))
    assert sample.image.shape == (1, 32, 32, 32)
    assert set(np.unique(sample.labels["hps"])) == {0, 1}
    bright = np.argwhere(sample.image[0] > 0.6).mean(axis=0)
    labeled = np.argwhere(sample.labels["hps"] == 1).mean(axis=0)
    assert np.linalg.norm(bright - labeled) < 0.5
    both = (sample.labels["hps"] == 1) & (sample.labels["calc"] == 1)
    assert both.sum() > 0.6 * sample.labels["hps"].sum()


def test_heads_without_a_label_get_none() -> None:
    sample = draw_sample(case_with_bright_ball(), STAGE, Sampling(), np.random.default_rng(0))
    assert set(sample.labels) == {"hps", "calc"}


def test_same_number_same_sample() -> None:
    first, second = (
        draw_sample(case_with_bright_ball(), STAGE, Sampling(), np.random.default_rng([3, 11])) for _ in range(2)
    )
    assert np.array_equal(first.image, second.image)


def test_focus_falls_back_to_calcification_then_to_the_middle() -> None:
    case = case_with_bright_ball()
    no_points = {"hps": np.full((5, 3), np.nan)}
    labeled = PreparedCase("a", case.grid, case.ct_hu, no_points, case.calcification, None)
    assert np.allclose(labeled.focus_lps_mm, case.focus_lps_mm, atol=0.1)
    empty = PreparedCase("b", case.grid, case.ct_hu, {}, np.zeros_like(case.calcification), None)
    assert np.allclose(empty.focus_lps_mm, (5.0, 6.0, 7.0))


def test_overlapping_balls_share_at_the_plane_halfway() -> None:
    labels = paint_balls(np.array([[10.0, 10, 10], [10.0, 10, 14]]), (21, 21, 25), 4.0)
    assert labels[10, 10, 11] == 1
    assert labels[10, 10, 13] == 2
    assert (labels == 1).sum() == pytest.approx((labels == 2).sum(), rel=0.15)


def test_ball_outside_of_the_map_leaves_no_trace() -> None:
    assert not paint_balls(np.array([[-30.0, 5, 5], [np.nan] * 3]), (10, 10, 10), 4.0).any()
