"""Heart masks that users give, on any grid."""

from __future__ import annotations

import itertools
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import ct_image, image_of, rotation
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.heart import region_from_mask_file
from fedkd.volumes import CtSource, CtVolume, read_ct

CT_GRID = Grid((80, 76, 72), (1.5, 1.5, 1.5), (-60.0, -90.0, 480.0))
CENTER = np.array([-4.0, -35.0, 530.0])
AXES = np.array([35.0, 30.0, 40.0])
VOLUME_ML = 4 / 3 * np.pi * AXES.prod() / 1000


@pytest.fixture(scope="module")
def ct() -> CtVolume:
    return CtVolume(ct_image(CT_GRID), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


def ellipsoid(grid: Grid, scale: float = 1.0, center=CENTER) -> np.ndarray:
    nz, ny, nx = np.indices(grid.size_xyz[::-1])
    lps = grid.index_to_lps(np.stack([nx, ny, nz], axis=-1))
    return (np.sum(((lps - center) / (AXES * scale)) ** 2, axis=-1) < 1).astype(np.uint8)


def mask_file(folder: Path, values: np.ndarray, grid: Grid, name: str = "heart.nii.gz") -> Path:
    sitk.WriteImage(image_of(values, grid), str(folder / name), True)
    return folder / name


def oblique_grid(spacing: tuple[float, float, float], flips=(1, 1, 1)) -> Grid:
    axes = rotation(0, 20) @ rotation(2, 30) * np.array(flips)
    size = tuple(int(110 / value) for value in spacing)
    origin = CENTER - axes @ ((np.array(size) - 1) / 2 * spacing)
    return Grid(size, spacing, tuple(origin.tolist()), tuple(axes.ravel().tolist()))


@pytest.mark.parametrize("name", ["heart.nii.gz", "heart.nrrd", "heart.mha", "heart.seg.nrrd"])
@pytest.mark.parametrize("spacing", [(1.5, 1.5, 1.5), (0.7, 0.8, 3.0), (6.0, 6.0, 6.0)], ids=str)
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1)], ids=str)
def test_any_grid_gives_the_same_region(tmp_path, ct, name, spacing, flips):
    grid = oblique_grid(spacing, flips)
    region = region_from_mask_file(mask_file(tmp_path, ellipsoid(grid), grid, name), ct)
    assert region.source == f"mask file {name}"
    np.testing.assert_allclose(region.center_lps_mm, CENTER, atol=0.3)
    slack = 0.8 * max(spacing) + 2.0
    np.testing.assert_allclose(region.low_lps_mm, CENTER - AXES, atol=slack)
    np.testing.assert_allclose(region.high_lps_mm, CENTER + AXES, atol=slack)


def test_every_label_counts_and_specks_do_not(tmp_path, ct):
    values = ellipsoid(CT_GRID)
    values[:, :, 35:] *= 5
    values[0, 0, 0] = 1
    region = region_from_mask_file(mask_file(tmp_path, values, CT_GRID), ct)
    np.testing.assert_allclose(region.center_lps_mm, CENTER, atol=0.3)
    np.testing.assert_allclose(region.low_lps_mm, CENTER - AXES, atol=4)


def test_what_lies_beyond_the_ct_is_left_out(tmp_path, ct):
    grid = Grid((75, 75, 75), (3.0, 3.0, 3.0), (-120.0, -150.0, 420.0))
    center = np.array([CT_GRID.origin_lps_mm[0], -35.0, 530.0])
    region = region_from_mask_file(mask_file(tmp_path, ellipsoid(grid, center=center), grid), ct)
    assert region.low_lps_mm[0] >= CT_GRID.origin_lps_mm[0] - 0.75
    assert region.center_lps_mm[0] > center[0] + 5


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda mask: mask * 0, "empty"),
        (lambda mask: mask * 0 + 1, "no heart"),
        (lambda mask: mask - 1.0, "negative"),
        (lambda mask: np.where(mask, np.nan, 0), "NaN"),
        (lambda mask: np.stack([mask, mask], axis=-1), "not one 3D volume"),
    ],
)
def test_masks_that_cannot_be_hearts_are_refused(tmp_path, ct, change, word):
    grid = Grid((75, 75, 75), (3.0, 3.0, 3.0), (-120.0, -150.0, 420.0))
    values = change(ellipsoid(grid).astype(np.float32))
    path = tmp_path / "heart.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), np.diag([-3.0, -3.0, 3.0, 1.0])), path)
    with refusal(ExitCode.HEART_MASK_INVALID, word, where=path):
        region_from_mask_file(path, ct)


@pytest.mark.parametrize("scale", [0.4, 3.0])
def test_implausible_volumes_are_refused(tmp_path, ct, scale):
    grid = Grid((75, 75, 75), (4.0, 4.0, 4.0), (-150.0, -180.0, 380.0))
    with refusal(ExitCode.HEART_MASK_INVALID, "ml", where="heart.nii.gz"):
        region_from_mask_file(mask_file(tmp_path, ellipsoid(grid, scale), grid), ct)


def test_a_mask_of_another_patient_is_refused(tmp_path, ct):
    grid = Grid(CT_GRID.size_xyz, CT_GRID.spacing_mm, (-60.0, -90.0, 1480.0))
    values = ellipsoid(grid, center=CENTER + (0, 0, 1000))
    with refusal(ExitCode.HEART_MASK_INVALID, "outside the CT", where="heart.nii.gz"):
        region_from_mask_file(mask_file(tmp_path, values, grid), ct)


def test_a_ct_is_no_mask(tmp_path, ct):
    sitk.WriteImage(ct.image, str(tmp_path / "ct.nii.gz"))
    with refusal(ExitCode.HEART_MASK_INVALID, "looks like a CT", where="ct.nii.gz"):
        region_from_mask_file(tmp_path / "ct.nii.gz", ct)


def test_missing_and_damaged_masks(tmp_path, ct):
    with refusal(ExitCode.INPUT_NOT_FOUND, where="gone.nii.gz"):
        region_from_mask_file(tmp_path / "gone.nii.gz", ct)
    path = mask_file(tmp_path, ellipsoid(CT_GRID), CT_GRID)
    path.write_bytes(path.read_bytes()[:-20])
    with refusal(ExitCode.HEART_MASK_INVALID, "not complete", where=path):
        region_from_mask_file(path, ct)


def test_real_mask_on_another_grid_than_the_ct(shared_data):
    real = shared_data / "real_ct"
    ct = read_ct(real / "contrast_ct.nii.gz")
    region = region_from_mask_file(real / "heart_mask.nii.gz", ct)
    mask = sitk.Resample(
        sitk.ReadImage(str(real / "heart_mask.nii.gz")), ct.image, interpolator=sitk.sitkNearestNeighbor
    )
    statistics = sitk.LabelShapeStatisticsImageFilter()
    statistics.Execute(mask)
    np.testing.assert_allclose(region.center_lps_mm, statistics.GetCentroid(1), atol=1.0)
    for corner in itertools.product(*zip(region.low_lps_mm, region.high_lps_mm, strict=True)):
        assert ct.grid.contains(corner)
    with refusal(ExitCode.HEART_MASK_INVALID, where="heart_mask.nii.gz"):
        region_from_mask_file(real / "heart_mask.nii.gz", read_ct(real / "no_heart_ct.nii.gz"))
