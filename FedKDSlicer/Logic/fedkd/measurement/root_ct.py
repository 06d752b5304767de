"""The CT around an aortic root, at its own resolution, ready to be sampled anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from fedkd.geometry import Grid
from fedkd.measurement.quantity import NotMeasurable

ROOT_REACH_MM = 75.0  # from the annulus: outflow tract, root, and 40 mm of ascending aorta even where it bends


@dataclass(frozen=True)
class RootCt:
    """Voxels of a CT around the root, never resampled.

    Args:
        hu: int16, zyx, the CT's own voxels.
        grid: where they lie.
    """

    hu: npt.NDArray[np.int16]
    grid: Grid

    @classmethod
    def around(cls, image: sitk.Image, center_lps_mm: npt.ArrayLike, reach_mm: float = ROOT_REACH_MM) -> RootCt:
        """Return the voxels of ``image`` nearer than ``reach_mm`` to the center along each of its axes.

        Args:
            image: 3D CT in HU, any orientation.
            center_lps_mm: such as the middle of the annulus.
            reach_mm: half the edge of the cube that is kept.

        Raises:
            NotMeasurable: the cube and the image have less than two voxels along an axis in common.
        """
        whole = Grid.of(image)
        center, steps = whole.lps_to_index(center_lps_mm), reach_mm / np.array(whole.spacing_mm)
        size = np.array(whole.size_xyz)
        first = np.clip(np.floor(center - steps), 0, size).astype(int)
        last = np.clip(np.ceil(center + steps) + 1, 0, size).astype(int)
        if np.any(last - first < 2):
            raise NotMeasurable("The landmarks lie outside the CT.")
        part = sitk.RegionOfInterest(image, (last - first).tolist(), first.tolist())
        return cls(np.asarray(sitk.GetArrayFromImage(part), np.int16), Grid.of(part))

    def sample(self, points_lps_mm: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return HU at LPS points, shape (..., 3), linear between voxels; NaN outside the voxels' centers."""
        index = self.grid.lps_to_index(points_lps_mm)
        zyx = np.moveaxis(index, -1, 0)[::-1]
        return np.asarray(
            ndimage.map_coordinates(self.hu, zyx, np.float32, order=1, mode="constant", cval=np.nan, prefilter=False)
        )

    def voxels_in_ball(self, center_lps_mm: npt.ArrayLike, radius_mm: float) -> npt.NDArray[np.int16]:
        """Return the HU of the voxels, untouched by interpolation, whose centers lie in a ball."""
        center, steps = self.grid.lps_to_index(center_lps_mm), radius_mm / np.array(self.grid.spacing_mm)
        size = np.array(self.grid.size_xyz)
        first = np.clip(np.ceil(center - steps), 0, size).astype(int)
        last = np.clip(np.floor(center + steps) + 1, first, size).astype(int)
        axes = (np.arange(a, b) for a, b in zip(first[::-1], last[::-1], strict=True))
        k, j, i = np.meshgrid(*axes, indexing="ij")
        away = self.grid.index_to_lps(np.stack([i, j, k], axis=-1)) - np.asarray(center_lps_mm, float)
        inside = (away**2).sum(axis=-1) <= radius_mm**2
        return self.hu[k[inside], j[inside], i[inside]]
