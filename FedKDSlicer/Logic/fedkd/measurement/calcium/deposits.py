"""Connected bright structures in and beside the root, and which of them are the valve's calcium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage
from scipy.spatial import KDTree

from fedkd.geometry import FloatArray, Grid
from fedkd.measurement.blood import Blood
from fedkd.measurement.calcium.frame import RootFrame
from fedkd.measurement.calcium.wall import RootWall
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.volumes import resample_to_grid

# The wall is 1.5 to 2 mm thick; calcium of the annulus lies in it.
WALL_MARGIN_MM = 2.0
_DEEP_MM = 2.0
_BESIDE_MM = 8.0
# What no model has seen must be more than noise and swirls of contrast: as large as the smallest lesion that
# Agatston's score counts (1 mm2 in a slice of 3 mm), more than a voxel or two, and somewhere clearly brighter.
_SMALLEST_MM3 = 3.0
_FEWEST_VOXELS = 3
_PEAK_ABOVE_BLOOD_SD = 4.0
_PEAK_ABOVE_BLOOD_HU = 190.0


@dataclass(frozen=True)
class Box:
    """The part of a root's CT that is looked at; ``hu`` is zyx."""

    hu: npt.NDArray[np.int16]
    grid: Grid

    @property
    def voxel_mm3(self) -> float:
        """Volume of a voxel."""
        return float(np.prod(self.grid.spacing_mm))


@dataclass(frozen=True)
class Deposits:
    """All voxels above the threshold around the root, and the connected structure each belongs to.

    Args:
        index_zyx: (n, 3) in the box.
        structure: (n,), from 0.
        coordinates_mm: (n, 3) in the root's frame.
        hu: (n,).
        in_root: (n,), true inside the root's wall, between outflow tract and sinotubular junction.
        deep: (n,), true well inside the lumen.
        beside: (n,), true at the root's heights outside its wall.
    """

    index_zyx: npt.NDArray[np.intp]
    structure: npt.NDArray[np.intp]
    coordinates_mm: FloatArray
    hu: npt.NDArray[np.int16]
    in_root: npt.NDArray[np.bool_]
    deep: npt.NDArray[np.bool_]
    beside: npt.NDArray[np.bool_]

    def any_voxel(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return for each voxel whether its structure has a chosen one."""
        return np.asarray(np.bincount(self.structure, chosen)[self.structure] > 0)

    def of_a_neighbor(self, voxel_mm3: float) -> npt.NDArray[np.bool_]:
        """Return for each voxel whether its structure is a neighbor's: coronary, mitral annulus, another chamber.

        It is when most of it lies outside the root and next to nothing deep inside the lumen.
        """
        outside, inside, deep = (np.bincount(self.structure, w) for w in (self.beside, self.in_root, self.deep))
        reaches_in = (deep >= _FEWEST_VOXELS) & (deep * voxel_mm3 >= _SMALLEST_MM3)
        return np.asarray(((outside > inside) & ~reaches_in)[self.structure])

    def more_than_noise(self, blood: Blood, voxel_mm3: float) -> npt.NDArray[np.bool_]:
        """Return for each voxel whether its structure is too large and too bright to be noise or unmixed contrast."""
        voxels = np.bincount(self.structure, self.in_root)
        large = (voxels >= _FEWEST_VOXELS) & (voxels * voxel_mm3 >= _SMALLEST_MM3)
        peak_hu = blood.mean_hu + max(_PEAK_ABOVE_BLOOD_SD * blood.sd_hu, _PEAK_ABOVE_BLOOD_HU)
        bright = self.any_voxel(self.in_root & (self.hu > peak_hu))
        return np.asarray(large[self.structure] & bright)


def box_around(root: RootCt, frame: RootFrame, wall: RootWall) -> Box:
    """Return the voxels around the root.

    Raises:
        NotMeasurable: a part of the root lies outside the CT.
    """
    reach = float(wall.radii_mm.max()) + WALL_MARGIN_MM
    rim = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 36)]) * reach
    ends = [
        np.column_stack([rim + middle, np.full(len(rim), height)])
        for middle, height in zip(wall.middles_mm, wall.heights_mm, strict=True)
    ]
    ends += [np.column_stack([rim, np.full(len(rim), height)]) for height in (frame.bottom_mm, frame.top_mm)]
    index = root.grid.lps_to_index(frame.to_lps(np.concatenate(ends)))
    size = np.array(root.grid.size_xyz)
    if index.min() < -0.5 or np.any(index.max(axis=0) > size - 0.5):
        raise NotMeasurable("A part of the root lies outside the CT.")
    margin = _BESIDE_MM / np.array(root.grid.spacing_mm)
    first = np.maximum(np.floor(index.min(axis=0) - margin), 0).astype(int)
    last = np.minimum(np.ceil(index.max(axis=0) + margin), size - 1).astype(int)
    return _cut(root, first, last)


def _cut(root: RootCt, first_xyz: npt.NDArray[np.int_], last_xyz: npt.NDArray[np.int_]) -> Box:
    """Return the voxels from a first to a last index, both included."""
    (i, j, k), end = first_xyz.tolist(), (last_xyz + 1).tolist()
    origin = root.grid.index_to_lps(first_xyz)
    size = (end[0] - i, end[1] - j, end[2] - k)
    grid = Grid(size, root.grid.spacing_mm, tuple(origin.tolist()), root.grid.direction)
    return Box(root.hu[k : end[2], j : end[1], i : end[0]], grid)


def find_deposits(box: Box, frame: RootFrame, wall: RootWall, threshold_hu: float) -> Deposits:
    """Return what is brighter than the threshold; voxels are connected by their faces."""
    structures, _ = ndimage.label(box.hu > threshold_hu)
    index = np.argwhere(structures)
    place = tuple(index.T)
    coordinates = frame.coordinates(box.grid.index_to_lps(index[:, ::-1]))
    within = (coordinates[:, 2] >= frame.bottom_mm) & (coordinates[:, 2] < frame.top_mm)
    depth = wall.distance_inside_mm(coordinates)
    in_root, deep = within & (depth > -WALL_MARGIN_MM), within & (depth > _DEEP_MM)
    return Deposits(index, structures[place] - 1, coordinates, box.hu[place], in_root, deep, within & ~in_root)


@dataclass(frozen=True)
class ReaderMarks:
    """A reader's own outline of the calcium, not 0 inside, on any grid: nothing is added to it."""

    image: sitk.Image


# A model's marks say where calcium is; how far it reaches, the threshold says, up to this distance from them.
Marks = sitk.Image | ReaderMarks
_REACH_OF_MARKS_MM = 2.0


def marked_calcium(deposits: Deposits, box: Box, marks: Marks) -> npt.NDArray[np.bool_]:
    """Return for each voxel whether it is calcium of the valve in the eyes of a model or a reader."""
    if isinstance(marks, ReaderMarks):
        return deposits.in_root & _voxels_marked(deposits, box, marks.image)
    marked = deposits.in_root & _voxels_marked(deposits, box, marks)
    near = deposits.in_root & deposits.any_voxel(marked)
    if marked.any():
        places = deposits.coordinates_mm
        away, _ = KDTree(places[marked]).query(places[near], distance_upper_bound=_REACH_OF_MARKS_MM)
        near[near] = np.isfinite(away)
    return near


def _voxels_marked(deposits: Deposits, box: Box, mask: sitk.Image) -> npt.NDArray[np.bool_]:
    """Return for each voxel whether ``mask``, on any grid, is not 0 there."""
    marked = sitk.GetArrayViewFromImage(resample_to_grid(mask, box.grid, sitk.sitkNearestNeighbor, 0))
    return np.asarray(marked[tuple(deposits.index_zyx.T)] != 0)
