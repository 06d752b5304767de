"""Patches for training: cut out, turned, scaled and changed at random, with their label maps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial.transform import Rotation

from fedkd.geometry import FloatArray, Grid
from fedkd.inference import normalize
from fedkd.models.card import StageSpec
from fedkd.training.labels import paint_balls
from fedkd.training.prepared import PreparedCase
from fedkd.training.recipe import Sampling
from fedkd.training.soft_labels import LEAST_LOG, SoftLabel
from fedkd.volumes import AIR_HU

FloatPatch = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """``image``: (1, z, y, x) normalized; ``labels``: for each labeled head a uint8 map (z, y, x).

    ``soft``: for heads that a teacher teaches, logarithms of probabilities (channels, z, y, x); background beyond its
    view.
    """

    image: FloatPatch
    labels: dict[str, npt.NDArray[np.uint8]]
    soft: dict[str, FloatPatch] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cut:
    """Patch index (zyx) to case index (zyx): ``matrix @ index + offset``."""

    matrix: FloatArray
    offset: FloatArray
    size: int

    def take(self, array: npt.NDArray[np.generic], order: int, outside: float) -> npt.NDArray[np.float32]:
        cut: npt.NDArray[np.float32] = ndimage.affine_transform(
            array, self.matrix, self.offset, (self.size,) * 3, np.float32, order=order, mode="constant", cval=outside
        )
        return cut

    def take_soft(self, label: SoftLabel, grid: Grid) -> FloatPatch:
        matrix, offset = label.index_map(grid)
        seen_by_label = _Cut(matrix @ self.matrix, matrix @ self.offset + offset, self.size)
        # Teachers look where the landmarks are: what they did not look at is background, as it is for labels.
        outside = [0.0, *[LEAST_LOG] * (len(label.log_probabilities) - 1)]
        channels = zip(label.log_probabilities, outside, strict=True)
        return np.stack([seen_by_label.take(logs.astype(np.float32), 1, beyond) for logs, beyond in channels])

    def to_patch(self, index_zyx: FloatArray) -> FloatArray:
        return (index_zyx - self.offset) @ np.linalg.inv(self.matrix).T


def draw_sample(case: PreparedCase, stage: StageSpec, sampling: Sampling, rng: np.random.Generator) -> Sample:
    """Return one random patch of ``case`` with the labels that the case has."""
    cut = _draw_cut(case, stage, sampling, rng)
    image_hu = cut.take(case.ct_hu, 1, AIR_HU)
    image_hu = _change_intensities(image_hu, rng)
    focus = cut.to_patch(case.grid.lps_to_index(case.focus_lps_mm)[::-1])
    if rng.random() < sampling.context_dropout:
        image_hu = _drop_context(image_hu, focus, stage.spacing_mm, rng)
    soft = {head: cut.take_soft(label, case.grid) for head, label in case.soft.items() if head in stage.network.heads}
    labels = {head: label for head, label in _labels(case, stage, cut).items() if head not in soft}
    return Sample(normalize(image_hu, stage.normalization)[None], labels, soft)


def _draw_cut(case: PreparedCase, stage: StageSpec, sampling: Sampling, rng: np.random.Generator) -> _Cut:
    marked = (
        _a_marked_voxel(case, rng) if sampling.share_on_labels and rng.random() < sampling.share_on_labels else None
    )
    if marked is not None:
        center = marked
    elif rng.random() < sampling.share_anywhere:
        shape_zyx = np.array(case.ct_hu.shape)
        center = rng.uniform(0.1, 0.9, 3) * shape_zyx
    else:
        jitter = rng.normal(0, sampling.jitter_sd_mm, 3)
        center = case.grid.lps_to_index(case.focus_lps_mm + jitter)[::-1]
    turn = Rotation.from_rotvec(rng.normal(0, np.deg2rad(sampling.rotation_sd_deg) / np.sqrt(3), 3)).as_matrix()
    scale = np.clip(1 + rng.normal(0, sampling.scale_sd, 3), 0.8, 1.25)
    matrix = turn * scale
    middle = (stage.patch_size - 1) / 2
    return _Cut(matrix, center - matrix @ np.full(3, middle), stage.patch_size)


def _a_marked_voxel(case: PreparedCase, rng: np.random.Generator) -> FloatArray | None:
    """Return the index (zyx) of a random voxel that a label map of a head that is not ours marks."""
    for label_map in case.others.values():
        marked = np.flatnonzero(label_map)
        if len(marked):
            return np.array(np.unravel_index(rng.choice(marked), label_map.shape), float)
    return None


def _labels(case: PreparedCase, stage: StageSpec, cut: _Cut) -> dict[str, npt.NDArray[np.uint8]]:
    labels: dict[str, npt.NDArray[np.uint8]] = {}
    for head, points in case.points_lps_mm.items():
        centers = cut.to_patch(case.grid.lps_to_index(points)[:, ::-1])
        labels[head] = paint_balls(centers, (cut.size,) * 3, stage.ball_radius_mm / stage.spacing_mm)
    if case.calcification is not None:
        labels["calc"] = (cut.take(case.calcification, 1, 0.0) > 0.5).astype(np.uint8)
    if case.heart is not None:
        labels["heart"] = cut.take(case.heart, 0, 0.0).astype(np.uint8)
    for head, label_map in case.others.items():
        labels[head] = cut.take(label_map, 0, 0.0).astype(np.uint8)
    return {head: labels[head] for head in stage.network.heads if head in labels}


def _change_intensities(image_hu: FloatPatch, rng: np.random.Generator) -> FloatPatch:
    changed = image_hu * rng.uniform(0.85, 1.15) + rng.normal(0, 20)
    if rng.random() < 0.2:
        changed = ndimage.gaussian_filter(changed, rng.uniform(0.3, 0.9))
    if rng.random() < 0.4:
        changed = changed + rng.uniform(5, 45) * rng.standard_normal(changed.shape, np.float32)
    return changed.astype(np.float32)


def _drop_context(
    image_hu: FloatPatch, focus_zyx: FloatArray, spacing_mm: float, rng: np.random.Generator
) -> FloatPatch:
    """Replace what is far from the root by one gray: wrong wider context must not mislead the network."""
    axes = [(np.arange(size) - c) * spacing_mm for size, c in zip(image_hu.shape, focus_zyx, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    radius_mm = rng.uniform(30, 50)
    far = z**2 + y**2 + x**2 > radius_mm**2
    gray_hu = rng.choice([AIR_HU, -90.0, 50.0, rng.uniform(-200, 500)])
    return np.where(far, np.float32(gray_hu), image_hu)
