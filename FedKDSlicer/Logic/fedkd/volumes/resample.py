"""Bring images onto other voxel grids."""

from __future__ import annotations

import SimpleITK as sitk

from fedkd.geometry import Grid

AIR_HU = -1024.0


def resample_to_grid(
    image: sitk.Image, grid: Grid, interpolator: int = sitk.sitkLinear, outside_value: float = AIR_HU
) -> sitk.Image:
    """Return ``image`` interpolated at the voxel centers of ``grid``, in the pixel type of ``image``.

    Nothing is averaged: to go to much larger voxels use `fedkd.volumes.downsample_to_grid`. Unless the interpolator
    is nearest neighbor, the result is in memory as floats for a moment.

    Args:
        image: any 3D image.
        grid: the voxels wanted.
        interpolator: SimpleITK's constant; nearest neighbor for labels.
        outside_value: for voxels of ``grid`` that ``image`` does not cover (labels: 0).
    """
    stored = image.GetPixelID()
    # ITK cuts decimals off instead of rounding, which would shift all values towards 0.
    rounds = interpolator != sitk.sitkNearestNeighbor and stored not in (sitk.sitkFloat32, sitk.sitkFloat64)
    resampled = sitk.Resample(
        image,
        grid.size_xyz,
        sitk.Transform(),
        interpolator,
        grid.origin_lps_mm,
        grid.spacing_mm,
        grid.direction,
        outside_value,
        sitk.sitkFloat32 if rounds else stored,
    )
    return sitk.Clamp(sitk.Round(resampled), stored) if rounds else resampled
