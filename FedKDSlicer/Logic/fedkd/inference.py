"""Running a stage's network on a CT: sampling the grid, normalizing, sliding the window."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from monai.inferers.inferer import SlidingWindowInferer

from fedkd.backends import HeadProbabilities, StageRunner
from fedkd.geometry import Grid
from fedkd.models.card import Normalization
from fedkd.volumes import AIR_HU, downsample_to_grid, voxels_around

_OVERLAP = 0.25


def normalize(ct_hu: npt.NDArray[np.generic], normalization: Normalization) -> npt.NDArray[np.float32]:
    """Return ``(clip(hu) - mean) / sd`` as float32, any shape."""
    clipped = np.clip(ct_hu.astype(np.float32), normalization.clip_low_hu, normalization.clip_high_hu)
    return (clipped - np.float32(normalization.mean_hu)) / np.float32(normalization.sd_hu)


def probabilities_on_patch(runner: StageRunner, ct_hu: npt.NDArray[np.generic]) -> HeadProbabilities:
    """Return for each head the class probabilities (channels, z, y, x) of one patch.

    Args:
        runner: the stage's network.
        ct_hu: (z, y, x), each side ``stage.patch_size``.
    """
    found = runner.probabilities(normalize(ct_hu, runner.stage.normalization)[None, None])
    return {name: values[0] for name, values in found.items()}


def probabilities_by_window(
    runner: StageRunner, ct_hu: npt.NDArray[np.generic], tick: Callable[[], None]
) -> HeadProbabilities:
    """Return class probabilities for a CT of any size, by a sliding window with Gaussian weights.

    Args:
        runner: the stage's network.
        ct_hu: (z, y, x) on the stage's spacing.
        tick: called before every window, for progress.
    """
    stage = runner.stage
    heads = list(stage.network.heads)

    def predict(patches: torch.Tensor) -> torch.Tensor:
        for _ in patches:
            tick()
        found = runner.probabilities(patches.numpy())
        return torch.from_numpy(np.concatenate([found[name] for name in heads], axis=1))

    inferer = SlidingWindowInferer(
        roi_size=(stage.patch_size,) * 3,
        sw_batch_size=runner.batch_size,
        overlap=_OVERLAP,
        mode="gaussian",
        padding_mode="constant",
        cval=float(normalize(np.array(AIR_HU), stage.normalization)),
    )
    x = torch.from_numpy(normalize(ct_hu, stage.normalization))[None, None]
    with torch.inference_mode():
        stacked = torch.as_tensor(inferer(x, predict))  # one output, so no tuple and no dictionary
    sizes = [stage.network.heads[name] for name in heads]
    return {name: part[0].numpy() for name, part in zip(heads, torch.split(stacked, sizes, dim=1), strict=True)}


def window_count(shape_zyx: tuple[int, ...], patch_size: int) -> int:
    """Return into how many windows `probabilities_by_window` divides a volume."""
    step = int(patch_size * (1 - _OVERLAP))
    return math.prod(1 + math.ceil(max(0, size - patch_size) / step) for size in shape_zyx)


def crop_array(ct: sitk.Image, grid: Grid) -> npt.NDArray[np.int16]:
    """Return the CT on ``grid``, ``(z, y, x)`` in HU: averaged where its voxels are finer; air outside of it."""
    box = voxels_around(Grid.of(ct), grid, margin_mm=2 * max(grid.spacing_mm))
    if box is None:
        return np.full(grid.size_xyz[::-1], AIR_HU, np.int16)
    index, size = box
    array: npt.NDArray[np.int16] = sitk.GetArrayFromImage(
        downsample_to_grid(sitk.RegionOfInterest(ct, size, index), grid)
    )
    return array
