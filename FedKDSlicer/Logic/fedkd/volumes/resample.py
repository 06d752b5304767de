"""Bring images onto other voxel grids."""

from __future__ import annotations

import SimpleITK as sitk

from fedkd.geometry import Grid


def resample_to_grid(
    image: sitk.Image, grid: Grid, interpolator: int = sitk.sitkLinear, outside_value: float = -1024.0
) -> sitk.Image:
    """Return ``image`` interpolated at the voxel centers of ``grid``, in the pixel type of ``image``."""
    return sitk.Resample(
        image,
        grid.size_xyz,
        sitk.Transform(),
        interpolator,
        grid.origin_lps_mm,
        grid.spacing_mm,
        grid.direction,
        outside_value,
        image.GetPixelID(),
    )


def downsample_to_grid(image: sitk.Image, grid: Grid) -> sitk.Image:
    """Return ``image`` averaged onto the coarser ``grid``."""
    return resample_to_grid(image, grid)
