"""Small CTs whose value at any place is known from a formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.geometry import Grid

FloatArray = npt.NDArray[np.float64]
GRID = Grid((44, 40, 48), (1.2, 1.25, 1.0), (-30.0, -60.0, 510.0))
_CENTER = np.array([-2.0, -34.0, 535.0])


def hu_at(lps_mm: npt.ArrayLike) -> FloatArray:
    """A smooth body, different along every axis: soft tissue in the middle, air around. Shape (..., 3) to (...)."""
    offset = np.asarray(lps_mm, float) - _CENTER
    distance = np.linalg.norm(offset / (14.0, 16.0, 18.0), axis=-1)
    body = 1040.0 / (1.0 + np.exp(6.0 * (distance - 1.0)))
    marks = offset @ np.array([2.0, -1.0, 0.5]) + 150.0 * np.exp(-np.sum((offset - (6, -4, 8)) ** 2, axis=-1) / 40.0)
    return -1000.0 + body * (1.0 + 0.001 * marks)


def array_on(grid: Grid) -> FloatArray:
    """The formula at every voxel of ``grid``, axes zyx."""
    nx, ny, nz = grid.size_xyz
    k, j, i = np.meshgrid(np.arange(nz), np.arange(ny), np.arange(nx), indexing="ij")
    return hu_at(grid.index_to_lps(np.stack([i, j, k], axis=-1)))


def image_of(array_zyx: npt.NDArray[np.generic], grid: Grid) -> sitk.Image:
    """An image of the array with the geometry of ``grid``."""
    image = sitk.GetImageFromArray(array_zyx)
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_lps_mm)
    image.SetDirection(grid.direction)
    return image


def ct_image(grid: Grid = GRID) -> sitk.Image:
    """The formula on ``grid`` as an int16 image."""
    return image_of(np.rint(array_on(grid)).astype(np.int16), grid)


def rotation(axis: int, degrees: float) -> FloatArray:
    """A rotation matrix about one axis."""
    angle = np.radians(degrees)
    matrix = np.eye(3)
    one, two = (index for index in range(3) if index != axis)
    matrix[one, one] = matrix[two, two] = np.cos(angle)
    matrix[one, two], matrix[two, one] = -np.sin(angle), np.sin(angle)
    return matrix
