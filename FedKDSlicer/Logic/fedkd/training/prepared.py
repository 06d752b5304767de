"""A training case in memory, on the grid of the stage that learns from it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.anatomy import HEADS, STUDY_ORDERS
from fedkd.case.segmentation_file import read_label_map, read_mask
from fedkd.geometry import FloatArray, Grid
from fedkd.pointsets import PointList, read_points
from fedkd.training.cases import TrainingCase
from fedkd.training.head_labels import read_classes
from fedkd.training.recipe import Recipe
from fedkd.training.soft_labels import SoftLabel, read_soft_label
from fedkd.volumes import covering_grid, read_ct, resample_to_grid

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PreparedCase:
    """CT and labels on one axis-aligned LPS grid, arrays ordered ``zyx``.

    ``points_lps_mm`` has for each labeled point head an array (points, 3), NaN where a point is undefined.
    ``others`` has the label maps of heads that are not ours, ``soft`` what teachers saw, on grids of their own.
    """

    case_id: str
    grid: Grid
    ct_hu: npt.NDArray[np.int16]
    points_lps_mm: dict[str, FloatArray]
    calcification: ByteArray | None
    heart: ByteArray | None
    others: Mapping[str, ByteArray] = field(default_factory=dict)
    soft: Mapping[str, SoftLabel] = field(default_factory=dict)

    @property
    def focus_lps_mm(self) -> FloatArray:
        """Where the labels are: mean of the points, else of the other labels' voxels, else the middle."""
        points = [array[np.isfinite(array).all(axis=1)] for array in self.points_lps_mm.values()]
        if points and sum(map(len, points)):
            mean: FloatArray = np.concatenate(points).mean(axis=0)
            return mean
        for labels in (*self.others.values(), self.calcification, self.heart):
            if labels is not None and labels.any():
                return self.grid.index_to_lps(np.argwhere(labels)[:, ::-1].mean(axis=0))
        return self.grid.index_to_lps((np.array(self.grid.size_xyz) - 1) / 2)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes."""
        arrays = (self.ct_hu, self.calcification, self.heart, *self.others.values())
        soft = sum(label.log_probabilities.nbytes for label in self.soft.values())
        return soft + sum(array.nbytes for array in arrays if array is not None)


@dataclass(frozen=True)
class Preparation:
    """How cases are brought into memory.

    Args:
        spacing_mm: isotropic voxels.
        reach_mm: half side of the kept cube around the focus; None: all.
        others: the classes of each wanted head that is not ours, without background.
    """

    spacing_mm: float
    reach_mm: float | None
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def preparation_for(recipe: Recipe) -> Preparation:
    """Return how cases are brought into memory for a recipe."""
    stage, margin = recipe.stage, recipe.sampling.crop_margin_mm
    reach = None if margin is None else stage.patch_size * stage.spacing_mm / 2 + margin
    others = {head: names for head, names in stage.class_names.items() if head in recipe.trained_heads}
    return Preparation(stage.spacing_mm, reach, others)


def prepare_case(case: TrainingCase, preparation: Preparation) -> PreparedCase:
    """Read a case and bring it onto the stage's grid.

    Raises:
        FedkdError: a file of the case cannot be used.
    """
    ct = read_ct(case.ct).image
    points = read_point_heads(case)
    grid = _grid_for(ct, points, case, preparation)
    return PreparedCase(
        case_id=case.case_id,
        grid=grid,
        ct_hu=sitk.GetArrayFromImage(resample_to_grid(ct, grid)),
        points_lps_mm=points,
        calcification=_read_calcification(case.calcification, grid, sitk.sitkLabelLinear),
        heart=_read_heart(case.heart, grid),
        others=_read_others(case, preparation, grid),
        soft={head: read_soft_label(path, len(HEADS[head].channels)) for head, path in case.soft.items()},
    )


class PreparedCases:
    """Prepared cases, the last used ones kept in memory up to ``max_bytes``."""

    def __init__(self, cases: list[TrainingCase], preparation: Preparation, max_bytes: int) -> None:
        self._cases = cases
        self._preparation = preparation
        self._max_bytes = max_bytes
        self._kept: OrderedDict[int, PreparedCase] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._cases)

    def is_of(self, cases: Sequence[TrainingCase], preparation: Preparation) -> bool:
        """True when these are the cases, prepared in this way."""
        return self._cases == list(cases) and self._preparation == preparation

    def __getitem__(self, index: int) -> PreparedCase:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        prepared = prepare_case(self._cases[index], self._preparation)
        self._kept[index] = prepared
        self._bytes += prepared.nbytes
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.nbytes
        return prepared


def read_point_heads(case: TrainingCase) -> dict[str, FloatArray]:
    """Return for each labeled point head its points (points, 3) in LPS mm, NaN where one is undefined.

    A point that a file lists as undefined is known not to be in view. A head none of whose points is listed was not
    labeled, and teaches nothing.
    """
    heads: dict[str, FloatArray] = {}
    for head, own_file in (("hps", case.hps), ("ms", case.ms)):
        path = case.landmarks or own_file
        if path is None:
            continue
        points = read_points(path, STUDY_ORDERS.get(path.name))
        names = HEADS[head].channels[1:]
        if set(names) & set(points.labels):
            heads[head] = _positions(points, names)
    return heads


def _positions(points: PointList, names: tuple[str, ...]) -> FloatArray:
    by_label = {point.label: point.position_lps_mm for point in points.points}
    missing = (np.nan, np.nan, np.nan)
    return np.array([by_label.get(name) or missing for name in names], float)


def _grid_for(ct: sitk.Image, points: dict[str, FloatArray], case: TrainingCase, preparation: Preparation) -> Grid:
    whole = covering_grid(Grid.of(ct), preparation.spacing_mm)
    if preparation.reach_mm is None:
        return whole
    focus = _focus(whole, points, case, preparation)
    size = int(np.ceil(2 * preparation.reach_mm / preparation.spacing_mm))
    return Grid.centered(focus, (size, size, size), preparation.spacing_mm)


def _focus(whole: Grid, points: dict[str, FloatArray], case: TrainingCase, preparation: Preparation) -> FloatArray:
    empty = np.zeros((1, 1, 1), np.int16)
    calcification = heart = None
    others: Mapping[str, ByteArray] = {}
    if not points:
        others = _read_others(case, preparation, whole)
        calcification = _read_calcification(case.calcification, whole, sitk.sitkNearestNeighbor)
        heart = _read_heart(case.heart, whole)
    return PreparedCase(case.case_id, whole, empty, points, calcification, heart, others).focus_lps_mm


def _read_calcification(path: Path | None, grid: Grid, interpolator: int) -> ByteArray | None:
    return None if path is None else _on(grid, read_mask(path), interpolator)


def _read_heart(path: Path | None, grid: Grid) -> ByteArray | None:
    return None if path is None else _on(grid, read_label_map(path), sitk.sitkNearestNeighbor)


def _read_others(case: TrainingCase, preparation: Preparation, grid: Grid) -> dict[str, ByteArray]:
    paths = {head: case.label_map(head) for head in preparation.others}
    return {
        head: _on(grid, read_classes(path, preparation.others[head]), sitk.sitkNearestNeighbor)
        for head, path in paths.items()
        if path is not None
    }


def _on(grid: Grid, labels: sitk.Image, interpolator: int) -> ByteArray:
    array: ByteArray = sitk.GetArrayFromImage(resample_to_grid(labels, grid, interpolator, 0))
    return array
