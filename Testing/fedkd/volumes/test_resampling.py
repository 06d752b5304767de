"""Resampling and averaging onto other grids, and the grid that covers a CT."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.ct_images import GRID, array_on, ct_image, hu_at, image_of, rotation
from fedkd.geometry import Grid
from fedkd.volumes import covering_grid, downsample_to_grid, resample_to_grid

COARSE = Grid.centered((-2.0, -34.0, 535.0), (10, 10, 10), 4.0)


def turned(image: sitk.Image, permutation: tuple[int, ...], flips: tuple[bool, ...]) -> sitk.Image:
    """The same image in space with its voxels stored in another order."""
    permuted = sitk.PermuteAxes(image, permutation)
    flipper = sitk.FlipImageFilter()
    flipper.SetFlipAxes(flips)
    flipper.FlipAboutOriginOff()
    return flipper.Execute(permuted)


def noise(size_zyx=(60, 50, 40), spacing=(0.7, 0.8, 0.9)) -> sitk.Image:
    values = np.random.default_rng(0).integers(-1000, 1000, size_zyx).astype(np.int16)
    return image_of(values, Grid(size_zyx[::-1], spacing, (-16.0, -54.0, 510.0)))


def test_resampling_to_a_finer_oblique_grid_keeps_values_in_place():
    axes = tuple((rotation(0, 30) @ rotation(1, 10)).ravel().tolist())
    grid = Grid((30, 28, 26), (0.7, 0.7, 0.7), (-10.0, -40.0, 528.0), axes)
    values = sitk.GetArrayFromImage(resample_to_grid(ct_image(), grid))
    assert np.abs(values - array_on(grid)).max() < 12  # linear interpolation of a curved surface
    assert np.abs(values - array_on(grid)).mean() < 2


def test_outside_is_filled_and_labels_stay_labels():
    far = Grid.centered((500.0, 0.0, 0.0), (4, 4, 4), 1.0)
    assert np.unique(sitk.GetArrayFromImage(resample_to_grid(ct_image(), far))).tolist() == [-1024]
    labels = sitk.Cast(ct_image() > -500, sitk.sitkUInt8) * 7
    resampled = resample_to_grid(labels, Grid.centered((0, -34, 535), (60, 60, 60), 0.8), sitk.sitkNearestNeighbor, 0)
    assert set(np.unique(sitk.GetArrayFromImage(resampled)).tolist()) == {0, 7}
    assert resampled.GetPixelID() == sitk.sitkUInt8


@pytest.mark.parametrize("flips", list(itertools.product([False, True], repeat=3)))
@pytest.mark.parametrize("permutation", list(itertools.permutations(range(3))))
def test_averaging_does_not_depend_on_the_order_of_voxels(permutation, flips):
    expected = sitk.GetArrayFromImage(downsample_to_grid(noise(), COARSE)).astype(int)
    values = sitk.GetArrayFromImage(downsample_to_grid(turned(noise(), permutation, flips), COARSE)).astype(int)
    assert np.abs(values - expected).max() <= 1


def test_averaging_removes_what_the_coarse_grid_cannot_show():
    i = np.indices((48, 48, 48)).sum(axis=0)
    image = image_of((1000 * (-1) ** i).astype(np.int16), Grid.centered((0, 0, 0), (48, 48, 48), 0.8))
    inner = Grid.centered((0.3, 0.2, 0.1), (7, 7, 7), 4.0)
    assert np.abs(sitk.GetArrayFromImage(downsample_to_grid(image, inner))).max() <= 2
    assert np.abs(sitk.GetArrayFromImage(resample_to_grid(image, inner))).max() > 50


def test_averaging_keeps_ramps_and_places():
    grid = Grid((90, 90, 90), (0.6, 0.6, 0.6), (-27.0, -60.0, 510.0), tuple(rotation(2, 20).ravel().tolist()))
    nz, ny, nx = np.indices((90, 90, 90))
    lps = grid.index_to_lps(np.stack([nx, ny, nz], axis=-1))
    slope = np.array([5.0, -3.0, 2.0])
    image = image_of(np.rint((lps - lps.mean(axis=(0, 1, 2))) @ slope).astype(np.int16), grid)
    inner = Grid.centered(lps.mean(axis=(0, 1, 2)), (5, 5, 5), 4.0)
    nz, ny, nx = np.indices((5, 5, 5))
    expected = (inner.index_to_lps(np.stack([nx, ny, nz], axis=-1)) - lps.mean(axis=(0, 1, 2))) @ slope
    assert np.abs(sitk.GetArrayFromImage(downsample_to_grid(image, inner)) - expected).max() < 1


def test_coarser_axes_are_only_interpolated():
    grid = Grid((100, 100, 12), (0.5, 0.5, 5.0), (-25.0, -60.0, 510.0))
    image = ct_image(grid)
    same = Grid((100, 100, 12), (0.5, 0.5, 5.0), grid.origin_lps_mm)
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(downsample_to_grid(image, same)), sitk.GetArrayFromImage(image)
    )
    coarse = sitk.GetArrayFromImage(downsample_to_grid(image, COARSE))
    assert np.abs(coarse[3:-3, 3:-3, 3:-3] - array_on(COARSE)[3:-3, 3:-3, 3:-3]).mean() < 60


@given(
    permutation=st.sampled_from(list(itertools.permutations(range(3)))),
    flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    spacing=st.tuples(*[st.floats(0.3, 3.0)] * 3),
    origin=st.tuples(*[st.floats(-500, 500)] * 3),
    degrees=st.sampled_from([0.0, 17.0]),
    coarse_mm=st.sampled_from([1.0, 3.0, 4.0]),
)
@settings(max_examples=100, deadline=None)
def test_the_covering_grid_depends_on_the_space_only(permutation, flips, spacing, origin, degrees, coarse_mm):
    image = sitk.Image((11, 13, 17), sitk.sitkUInt8)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection((rotation(0, degrees) @ rotation(2, degrees)).ravel().tolist())
    grid = covering_grid(Grid.of(image), coarse_mm)
    other = covering_grid(Grid.of(turned(image, permutation, flips)), coarse_mm)
    assert grid.size_xyz == other.size_xyz
    np.testing.assert_allclose(grid.origin_lps_mm, other.origin_lps_mm, atol=0.002)
    low, high = Grid.of(image).bounds_lps_mm()
    covered_low, covered_high = grid.bounds_lps_mm()
    assert (covered_low <= low + 0.01).all()
    assert (covered_high >= high - 0.01).all()
    assert grid.direction == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("flips", list(itertools.product([False, True], repeat=3)))
def test_flipped_copies_of_ordinary_cts_have_the_identical_grid(flips):
    for spacing in [(0.390625, 0.390625, 0.5), (0.4, 0.4, 3.0), (0.9765625, 0.9765625, 0.625), (1.2, 1.25, 1.0)]:
        image = ct_image(Grid(GRID.size_xyz, spacing, (-71.658203125, -255.5, 576.2)))
        assert covering_grid(Grid.of(turned(image, (2, 0, 1), flips)), 4.0) == covering_grid(Grid.of(image), 4.0)


def test_formula_and_image_agree():
    index = (20, 21, 22)
    assert ct_image().GetPixel(*index) == round(float(hu_at(GRID.index_to_lps(index))))
