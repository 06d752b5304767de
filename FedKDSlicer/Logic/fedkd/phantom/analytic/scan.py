"""The CT of an analytic root on any grid: partial volume by fine sampling of each voxel, then blur and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from fedkd.geometry import FloatArray, Grid
from fedkd.phantom.acquisition import HIGHEST_HU, LOWEST_HU
from fedkd.phantom.analytic.matter import hu_at
from fedkd.phantom.analytic.root import AnalyticRoot

_FINE = 4  # samples along each edge of a voxel that holds more than one tissue
_CHUNK = 40_000


@dataclass(frozen=True)
class Scan:
    """What the scanner adds: a Gaussian blur of standard deviation ``blur_mm`` and white noise."""

    blur_mm: float = 0.5
    noise_hu: float = 30.0
    seed: int = 0


def paint_ct(root: AnalyticRoot, grid: Grid, scan: Scan | None = None) -> sitk.Image:
    """Return the CT, int16 HU, on ``grid``."""
    scan = scan or Scan()
    hu = _painted(root, grid)
    hu = ndimage.gaussian_filter(hu, [scan.blur_mm / spacing for spacing in grid.spacing_mm[::-1]])
    hu += np.random.default_rng(scan.seed).standard_normal(hu.shape, np.float32) * np.float32(scan.noise_hu)
    return grid.to_image(np.rint(np.clip(hu, LOWEST_HU, HIGHEST_HU)).astype(np.int16))


def _painted(root: AnalyticRoot, grid: Grid) -> npt.NDArray[np.float32]:
    """Return each voxel's mean HU, zyx float32; voxels of one tissue only are sampled once, at their center."""
    shape = grid.size_xyz[::-1]
    indices = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape)[::-1], axis=-1)
    hu = _in_chunks(root, grid, indices, np.zeros((1, 3))).reshape(shape)
    mixed = ndimage.maximum_filter(hu, 3) != ndimage.minimum_filter(hu, 3)
    offsets = (np.arange(_FINE) + 0.5) / _FINE - 0.5
    fine = np.stack(np.meshgrid(offsets, offsets, offsets), axis=-1).reshape(-1, 3)
    hu[mixed] = _in_chunks(root, grid, indices[mixed.ravel()], fine)
    return hu


def _in_chunks(
    root: AnalyticRoot, grid: Grid, indices_xyz: npt.NDArray[np.intp], offsets: FloatArray
) -> npt.NDArray[np.float32]:
    """Return the mean HU over the ``offsets`` (in voxels, shape (m, 3)) around each index, shape (n,)."""
    means = np.empty(len(indices_xyz), np.float32)
    step = max(1, _CHUNK // len(offsets))
    for start in range(0, len(indices_xyz), step):
        points = grid.index_to_lps(indices_xyz[start : start + step, None, :] + offsets)
        means[start : start + step] = hu_at(root, points).mean(axis=1)
    return means
