"""The truth for thresholded volumes, against a closed formula and along the annulus plane."""

from __future__ import annotations

import numpy as np
import pytest

from builders.calcified_tube import Ball
from fedkd.phantom.analytic import AnalyticRoot, Blob, Scan
from fedkd.phantom.analytic.seen_calcium import seen_calcium_mm3

ROOT = AnalyticRoot(leaflets=None)
RCC, _, NCC = ROOT.parameters.hinge_azimuths


def with_blob(azimuth: float, away_mm: float, height_mm: float, radius_mm: float) -> AnalyticRoot:
    return AnalyticRoot(leaflets=None, blobs=(Blob(ROOT.at(azimuth, away_mm, height_mm), radius_mm, 1000.0, "rcc"),))


@pytest.mark.parametrize(("radius_mm", "threshold_hu"), [(2.0, 500.0), (2.5, 700.0), (3.0, 850.0)])
def test_a_ball_in_blood_has_the_volume_of_the_formula(radius_mm: float, threshold_hu: float) -> None:
    seen = seen_calcium_mm3(with_blob(RCC, 5.0, 8.0, radius_mm), Scan(blur_mm=0.5), threshold_hu)
    expected = Ball(0, 0, 0, radius_mm, 1000.0).seen_mm3(400.0, threshold_hu, 0.5)
    assert seen["calcium_rcc_mm3"] == pytest.approx(expected, rel=0.02)
    assert seen["calcium_total_mm3"] == seen["calcium_rcc_mm3"]


def test_what_lies_below_the_annulus_belongs_to_the_outflow_tract() -> None:
    seen = seen_calcium_mm3(with_blob(NCC, 5.0, 0.0, 2.5), Scan(), 700.0)
    assert seen["calcium_ncc_mm3"] == pytest.approx(seen["calcium_lvot_mm3"], rel=0.02)
    assert seen["calcium_rcc_mm3"] == seen["calcium_lcc_mm3"] == 0


def test_a_root_without_calcium_shows_none() -> None:
    assert not np.any(list(seen_calcium_mm3(ROOT, Scan(), 500.0).values()))
