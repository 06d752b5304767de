"""One root with leaflets and calcium, its CT stored in other ways and resampled: every number stays, calcium too."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.analytic_roots import calcified_oblique
from fedkd.geometry import Grid
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.measure import MeasureOptions, measure_root
from fedkd.phantom.shapes import rotation
from fedkd.volumes import CtSource, CtVolume, resample_to_grid

_CALCIUM_PART, _EMPTY_PART_MM3 = 0.10, 3.0


def numbers(image: sitk.Image) -> dict[str, float]:
    volume = CtVolume(image, CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))
    found = measure_root(volume, calcified_oblique().root.landmarks_lps_mm(), None, MeasureOptions())
    quantities = found.measurements.quantities
    assert [one.reason for one in quantities.values() if one.value is None] == []
    return {key: one.value for key, one in quantities.items() if isinstance(one.value, float)}


@cache
def expected() -> dict[str, float]:
    return numbers(calcified_oblique().ct)


def tolerance(key: str, value: float) -> float:
    """What is promised for each number against the truth."""
    if key.startswith("calcium") and key.endswith(("_mm3", "_mass_score")):
        return max(_CALCIUM_PART * value, _EMPTY_PART_MM3)
    if key.endswith("_area_mm2"):
        return 0.03 * value
    if key == "stj_height_mm":
        return 1.5
    if key.endswith("_perimeter_mm"):
        return 0.5 * np.pi
    if key.endswith("_height_mm"):
        return 0.3
    return {"deg": 0.5, "mm": 0.5, "[hnsf'U]": 10.0, "1": 0.03}[BY_KEY[key].unit]


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
@pytest.mark.parametrize("flips", [(True, False, False), (False, True, True)])
def test_flipped_and_permuted_storage_changes_nothing(
    axes: tuple[int, int, int], flips: tuple[bool, bool, bool]
) -> None:
    stored = sitk.Flip(sitk.PermuteAxes(calcified_oblique().ct, axes), flips)
    found = numbers(stored)
    assert found == pytest.approx(expected(), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("turn", "spacing_mm", "left_handed"),
    [
        (np.eye(3), (0.6, 0.6, 0.6), False),
        (rotation([1.0, -0.5, 0.3], 0.6), (0.5, 0.6, 0.8), False),
        (rotation([0.1, 0.2, 1.0], 2.2), (0.6, 0.6, 0.9), True),
    ],
    ids=["along the patient", "turned", "turned and left-handed"],
)
def test_resampling_changes_no_number_beyond_what_is_promised(
    turn: np.ndarray, spacing_mm: tuple[float, float, float], left_handed: bool
) -> None:
    grid = calcified_oblique().root.grid(spacing_mm, turn)
    resampled = resample_to_grid(calcified_oblique().ct, grid, sitk.sitkBSpline, -90)
    stored = sitk.Flip(resampled, (False, False, left_handed))
    assert (np.linalg.det(np.array(Grid.of(stored).direction).reshape(3, 3)) < 0) == left_handed
    found, wanted = numbers(stored), expected()
    off = {key: (found[key], value) for key, value in wanted.items() if abs(found[key] - value) > tolerance(key, value)}
    off.pop("lumen_noise_hu", None)  # interpolation is a filter: noise is what it changes
    assert off == {}
