"""The outline of calcification at the CT's resolution, on a phantom with analytic truth."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from fedkd.evaluation.score import dice
from fedkd.geometry import Grid
from fedkd.prediction.calcium import outline_calcification

LUMEN_HU, CALCIUM_HU = 400, 1000
CENTER_LPS_MM = np.array([12.0, -30.0, 55.0])


def ct_with_calcium(direction: tuple[float, ...], spacing_mm: tuple[float, float, float]) -> tuple[sitk.Image, Grid]:
    """Blood everywhere, a ball of calcium with 5 mm radius at the center, one of 3 mm that the network ignores."""
    size = [int(80 / s) for s in spacing_mm]
    image = sitk.Image(size, sitk.sitkInt16)
    image.SetSpacing(spacing_mm)
    image.SetDirection(direction)
    middle = np.array(image.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in size]))
    image.SetOrigin((CENTER_LPS_MM - middle).tolist())
    grid = Grid.of(image)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in size), indexing="ij"), axis=-1)
    points = grid.index_to_lps(index)
    near = np.linalg.norm(points - CENTER_LPS_MM, axis=-1) < 5
    other = np.linalg.norm(points - CENTER_LPS_MM - (20, 0, 0), axis=-1) < 3
    hu = np.where(near | other, CALCIUM_HU, LUMEN_HU).transpose(2, 1, 0)
    filled = sitk.GetImageFromArray(hu.astype(np.int16))
    filled.CopyInformation(image)
    return filled, grid


def maps_pointing_at_the_center(crop: Grid) -> dict[str, np.ndarray]:
    """A coarse and shrunken guess of the network, as it gives them: the outline must come from the CT."""
    size = crop.size_xyz[::-1]
    index = np.stack(np.meshgrid(*(np.arange(n) for n in crop.size_xyz), indexing="ij"), axis=-1)
    distance = np.linalg.norm(crop.index_to_lps(index) - CENTER_LPS_MM, axis=-1).transpose(2, 1, 0)
    calc = np.zeros((2, *size), np.float32)
    calc[1] = distance < 4.2
    heart = np.zeros((8, *size), np.float32)
    heart[6] = 1
    return {"calc": calc, "heart": heart}


def test_outline_follows_the_ct_in_any_orientation() -> None:
    crop = Grid.centered(CENTER_LPS_MM, (40, 40, 40), 1.5)
    crop_hu = np.full((40, 40, 40), LUMEN_HU, np.int16)
    flipped = (-1.0, 0, 0, 0, 0, -1.0, 0, -1.0, 0)
    for direction, spacing in (((1.0, 0, 0, 0, 1, 0, 0, 0, 1), (0.7, 0.7, 1.0)), (flipped, (0.5, 1.0, 0.8))):
        ct, grid = ct_with_calcium(direction, spacing)
        result = outline_calcification(ct, maps_pointing_at_the_center(crop), crop, crop_hu)
        assert result.threshold_hu is not None
        assert LUMEN_HU < result.threshold_hu < CALCIUM_HU
        assert Grid.of(result.mask) == grid
        found = sitk.GetArrayFromImage(result.mask) > 0
        index = np.argwhere(sitk.GetArrayFromImage(ct) == CALCIUM_HU)
        near = np.linalg.norm(grid.index_to_lps(index[:, ::-1]) - CENTER_LPS_MM, axis=1) < 6
        truth = np.zeros_like(found)
        truth[tuple(index[near].T)] = True
        assert dice(truth, found) > 0.95


def test_without_visible_blood_there_is_no_threshold() -> None:
    crop = Grid.centered(CENTER_LPS_MM, (40, 40, 40), 1.5)
    ct, _ = ct_with_calcium((1.0, 0, 0, 0, 1, 0, 0, 0, 1), (1.0, 1.0, 1.0))
    maps = maps_pointing_at_the_center(crop)
    dark = maps | {"heart": np.zeros_like(maps["heart"])}
    for seen in (dark, {"calc": maps["calc"]}):
        result = outline_calcification(ct, seen, crop, np.zeros((40, 40, 40), np.int16))
        assert result.threshold_hu is None
        assert sitk.GetArrayFromImage(result.mask).any()


def test_crop_beside_the_ct_finds_nothing() -> None:
    ct, _ = ct_with_calcium((1.0, 0, 0, 0, 1, 0, 0, 0, 1), (1.0, 1.0, 1.0))
    crop = Grid.centered(CENTER_LPS_MM + 500, (40, 40, 40), 1.5)
    result = outline_calcification(ct, maps_pointing_at_the_center(crop), crop, np.zeros((40, 40, 40), np.int16))
    assert not sitk.GetArrayFromImage(result.mask).any()
