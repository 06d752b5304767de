"""Dice of one's own heads: inside the part that was looked at, and said to be so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.head_cases import bright_ball, on_grid, write_ct
from fedkd.case.head_outlines import HeadOutline
from fedkd.evaluation.outlines import outline_lines, score_outlines
from fedkd.geometry import Grid
from fedkd.training.cases import TrainingCase, find_cases

NAMES = {"balls": ("balls",)}


@pytest.fixture
def case(tmp_path: Path) -> TrainingCase:
    labels = bright_ball((20, 20, 20)) | bright_ball((20, 20, 35), 3.0)
    write_ct(tmp_path / "case-0", labels)
    sitk.WriteImage(on_grid(labels), str(tmp_path / "case-0" / "balls.nii.gz"))
    return find_cases(tmp_path)[0]


def outline_of(labels: np.ndarray) -> HeadOutline:
    """What a network that sees 27 mm around the first ball outlines."""
    looked_at = Grid.centered((30.0, 30.0, 30.0), (18, 18, 18), 1.5)
    return HeadOutline("balls", ("balls",), on_grid(labels), looked_at)


def test_what_lies_outside_of_the_part_that_was_looked_at_counts_for_nothing(case: TrainingCase) -> None:
    (score,) = score_outlines(case, NAMES, [outline_of(bright_ball((20, 20, 20)))])
    assert score.dice == 1
    assert 0.9 < score.share_looked_at < 1
    (line,) = outline_lines([(score,)])
    assert "Dice mean 1.00" in line
    assert f"{score.share_looked_at:.0%} of the labels" in line


def test_half_a_ball_is_not_a_whole_one(case: TrainingCase) -> None:
    half = bright_ball((20, 20, 20))
    half[:20] = 0
    (score,) = score_outlines(case, NAMES, [outline_of(half)])
    assert score.dice == pytest.approx(2 * half.sum() / (half.sum() + bright_ball((20, 20, 20)).sum()))


def test_case_without_a_prediction_counts_as_nothing_found(case: TrainingCase) -> None:
    assert [score.dice for score in score_outlines(case, NAMES, ())] == [0]


def test_unlabeled_heads_have_no_score(case: TrainingCase) -> None:
    assert score_outlines(case, {"veins": ("veins",)}, ()) == ()
