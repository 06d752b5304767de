"""Bring a large CT onto a coarse grid: averaged, not just sampled, and without a float copy of the CT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.geometry import Grid
from fedkd.volumes.resample import AIR_HU, resample_to_grid

Float32Array = npt.NDArray[np.float32]

# The CT is first averaged along its own axes onto voxels of this part of the coarse spacing, then interpolated.
_INTERMEDIATE = 0.5
# Gaussian of about the coarse voxel's width at half height: little blur, little aliasing.
_SIGMA_PER_SPACING = 0.42
_CUT_SIGMAS = 3.0
_SLICES_AT_ONCE = 32


@dataclass(frozen=True)
class _Axis:
    """How one axis is averaged: ``weights`` (new, old), each row of sum 1 and mostly 0; new voxels' distance in mm."""

    weights: Float32Array
    spacing_mm: float


def downsample_to_grid(image: sitk.Image, grid: Grid, outside_value: float = AIR_HU) -> sitk.Image:
    """Return ``image`` averaged onto the coarser ``grid``, in the pixel type of ``image``.

    Copies of one image with flipped or permuted axes give the same result. Besides ``image`` some slices of it and
    the averaged volume are in memory.

    Args:
        image: a 3D image of one number per voxel.
        grid: the voxels wanted; axes of ``image`` that are coarser already are not averaged.
        outside_value: for voxels of ``grid`` that ``image`` does not cover.
    """
    coarse_mm = min(grid.spacing_mm)
    old = Grid.of(image)
    axes = [_axis(size, spacing, coarse_mm) for size, spacing in zip(old.size_xyz, old.spacing_mm, strict=True)]
    averaged = sitk.GetImageFromArray(_average(image, axes))
    size_x, size_y, size_z = (len(axis.weights) for axis in axes)
    spacing = (axes[0].spacing_mm, axes[1].spacing_mm, axes[2].spacing_mm)
    # Old and new voxels share the middle of the volume, whichever end the counting starts from.
    steps = (np.array([size_x, size_y, size_z]) - 1) / 2 * spacing
    middle = old.index_to_lps((np.array(old.size_xyz) - 1) / 2)
    origin = middle - np.array(old.direction).reshape(3, 3) @ steps
    averaged.SetOrigin(origin.tolist())
    averaged.SetSpacing(spacing)
    averaged.SetDirection(old.direction)
    coarse = resample_to_grid(averaged, grid, sitk.sitkLinear, outside_value)
    is_float = image.GetPixelID() in (sitk.sitkFloat32, sitk.sitkFloat64)
    return coarse if is_float else sitk.Clamp(sitk.Round(coarse), image.GetPixelID())


def _axis(size: int, spacing_mm: float, coarse_mm: float) -> _Axis:
    new_mm = max(spacing_mm, _INTERMEDIATE * coarse_mm)
    # The old voxels are averages over their own width already.
    sigma = _SIGMA_PER_SPACING * np.sqrt(max(coarse_mm**2 - spacing_mm**2, 0.0))
    if sigma == 0:
        return _Axis(np.eye(size, dtype=np.float32), spacing_mm)
    new_size = size if new_mm == spacing_mm else max(2, int(np.ceil(size * spacing_mm / new_mm - 1e-3)))
    old_at = (np.arange(size) - (size - 1) / 2) * spacing_mm
    new_at = (np.arange(new_size) - (new_size - 1) / 2) * new_mm
    distance = (new_at[:, None] - old_at[None, :]) / sigma
    weights = np.where(np.abs(distance) <= _CUT_SIGMAS, np.exp(-0.5 * distance**2), 0.0)
    return _Axis((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), new_mm)


def _average(image: sitk.Image, axes: list[_Axis]) -> Float32Array:
    """Return the weighted averages along all axes, axes ``zyx``."""
    from scipy import sparse  # a process that only looks for CTs starts sooner without

    along_x, along_y, along_z = (sparse.csr_array(axis.weights) for axis in axes)
    volume = sitk.GetArrayViewFromImage(image)
    shape_yx = along_y.shape[0], along_x.shape[0]
    averaged = np.zeros((along_z.shape[0], shape_yx[0] * shape_yx[1]), np.float32)
    for first in range(0, len(volume), _SLICES_AT_ONCE):
        planes = volume[first : first + _SLICES_AT_ONCE]
        small = np.empty((len(planes), *shape_yx), np.float32)
        for plane, target in zip(planes, small, strict=True):
            shorter = along_y @ plane.astype(np.float32)
            # Sparse times dense runs along rows, which must lie together in memory.
            target[:] = (along_x @ np.ascontiguousarray(shorter.T)).T
        weights = along_z[:, first : first + _SLICES_AT_ONCE].tocsr()
        touched = np.flatnonzero(np.diff(weights.indptr))
        averaged[touched] += weights[touched] @ small.reshape(len(planes), -1)
    return averaged.reshape(-1, *shape_yx)
