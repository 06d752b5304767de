from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from fedkd.anatomy import HEART_CHANNELS
from fedkd.errors import ExitCode, FedkdError
from fedkd.prediction.localization import _check_heart
from fedkd.volumes import CtSource, CtVolume

CT = CtVolume(sitk.Image(4, 4, 4, sitk.sitkInt16), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))
SPACING_MM = 4.0


def maps_with(*parts: str) -> np.ndarray:
    """Ten slices of 16x16 voxels (164 ml) a part, one above the other."""
    labels = np.zeros((10 * len(HEART_CHANNELS), 16, 16), int)
    for place, part in enumerate(parts):
        labels[10 * place : 10 * place + 10] = HEART_CHANNELS.index(part)
    return np.eye(len(HEART_CHANNELS), dtype=np.float32)[labels].transpose(3, 0, 1, 2)


def test_a_heart_with_ventricle_and_aorta_is_one() -> None:
    assert _check_heart(maps_with("left ventricle", "aorta"), SPACING_MM, CT) == pytest.approx(2 * 163.84)


@pytest.mark.parametrize("missing", ["left ventricle", "aorta"])
def test_the_refusal_names_the_part_that_is_missing(missing: str) -> None:
    parts = [part for part in ("myocardium", "left ventricle", "aorta") if part != missing]
    with pytest.raises(FedkdError, match=f"The {missing} is not in view") as refusal:
        _check_heart(maps_with(*parts), SPACING_MM, CT)
    assert refusal.value.code is ExitCode.HEART_NOT_FOUND


def test_nothing_like_a_heart_is_refused() -> None:
    with pytest.raises(FedkdError, match="No heart is in view"):
        _check_heart(maps_with("background"), SPACING_MM, CT)
