"""The procedure of the study's code: one cube of 192 mm, patches of it, and points by argmax.

Source: the paper's preprocessing and its code's predictor. CT values are clipped and normalized, then brought to 1 mm
by B-splines, then cut or padded (with air) around the middle to 192^3 voxels. Patches overlap by a quarter and their
logits are averaged. A landmark is the center of mass of the largest connected component (faces touch) of its class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from monai.inferers.inferer import SlidingWindowInferer
from scipy import ndimage

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.backends import StageRunner
from fedkd.geometry import Grid
from fedkd.heart.labels import HeartLabels
from fedkd.inference import normalize
from fedkd.prediction.root_passes import Consensus
from fedkd.volumes import AIR_HU, CtVolume, resample_to_grid, voxels_around

LogProbabilities = dict[str, npt.NDArray[np.float32]]

_OVERLAP = 0.25
# B-splines reach farther than a voxel, although hardly farther than this.
_SPLINE_REACH_MM = 12.0
_SMALLEST_PROBABILITY = np.float32(1e-37)


@dataclass(frozen=True)
class ReferenceView:
    """What the network sees on ``grid``. ``calcification``: uint8, 0 or 1, on the CT's grid; None without a head."""

    landmarks: dict[str, Consensus]
    calcification: sitk.Image | None
    grid: Grid


def look_as_reference(
    ct: CtVolume, student: StageRunner, grid: Grid, labels: HeartLabels | None, tick: Callable[[], None]
) -> ReferenceView:
    """Find what the network's heads know in the part of the CT that ``grid`` covers.

    Args:
        ct: the CT.
        student: the network.
        grid: of the stage's spacing, each side at least one patch.
        labels: the heart's parts, for a conditioned network.
        tick: called before each patch.
    """
    channels = [_normalized_on(ct, student, grid)]
    if labels is not None:
        channels.append(sitk.GetArrayFromImage(labels.on(grid)).astype(np.float32))
    maps = _average_by_window(student, np.stack(channels), tick)
    landmarks: dict[str, Consensus] = {}
    for head in (head for head in POINT_HEADS if head in maps):
        landmarks |= centers_of_largest(maps[head], HEADS[head].channels[1:], grid)
    calcification = _on_ct(_winning_class(maps["calc"]), grid, ct) if "calc" in maps else None
    return ReferenceView(landmarks, calcification, grid)


def windows_of(grid: Grid, patch_size: int) -> int:
    """Return into how many patches the grid is divided."""
    step = int(patch_size * (1 - _OVERLAP))
    return int(np.prod([1 + -(-max(0, size - patch_size) // step) for size in grid.size_xyz]))


def centers_of_largest(
    log_probabilities: npt.NDArray[np.float32], names: tuple[str, ...], grid: Grid
) -> dict[str, Consensus]:
    """Return the center of mass of each class' largest component; a class that wins nowhere is absent.

    Args:
        log_probabilities: (channels, z, y, x); channel 0 is background.
        names: the landmark of each channel from 1 on.
        grid: the grid of the map.
    """
    classes = _winning_class(log_probabilities)
    boxes = ndimage.find_objects(classes, max_label=len(names))
    found = {}
    for channel, (name, box) in enumerate(zip(names, boxes, strict=True), start=1):
        if box is None:
            continue
        components, _ = ndimage.label(classes[box] == channel)
        largest = components == 1 + int(np.argmax(np.bincount(components.ravel())[1:]))
        center_zyx = np.array(ndimage.center_of_mass(largest)) + [side.start for side in box]
        confidence = _mean_probability(log_probabilities[:, *box][:, largest], channel)
        found[name] = Consensus(grid.index_to_lps(center_zyx[::-1]), confidence, spread_mm=0.0)
    return found


def _winning_class(log_probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    # Along the first axis torch is several times as fast as NumPy.
    classes: npt.NDArray[np.uint8] = torch.from_numpy(log_probabilities).argmax(dim=0).to(torch.uint8).numpy()
    return classes


def _mean_probability(log_probabilities: npt.NDArray[np.float32], channel: int) -> float:
    odds = np.exp(log_probabilities - log_probabilities.max(axis=0))
    return float(np.mean(odds[channel] / odds.sum(axis=0)))


def _normalized_on(ct: CtVolume, student: StageRunner, grid: Grid) -> npt.NDArray[np.float32]:
    """Return the CT on ``grid``, (z, y, x): normalized first and interpolated then."""
    normalization = student.stage.normalization
    air = float(normalize(np.array(AIR_HU), normalization))
    box = voxels_around(ct.grid, grid, margin_mm=_SPLINE_REACH_MM)
    if box is None:
        return np.full(grid.size_xyz[::-1], air, np.float32)
    index, size = box
    region = sitk.RegionOfInterest(ct.image, size, index)
    normalized = Grid.of(region).to_image(normalize(sitk.GetArrayViewFromImage(region), normalization))
    return sitk.GetArrayFromImage(resample_to_grid(normalized, grid, sitk.sitkBSpline, air))


def _average_by_window(
    student: StageRunner, channels: npt.NDArray[np.float32], tick: Callable[[], None]
) -> LogProbabilities:
    """Return the mean over overlapping patches of each head's log probabilities.

    The class that wins is the same as with the mean of the logits: the two differ by one number for all classes.
    """
    heads = student.stage.network.heads

    def predict(patches: torch.Tensor) -> torch.Tensor:
        for _ in patches:
            tick()
        found = student.probabilities(patches.numpy())
        stacked = np.concatenate([found[name] for name in heads], axis=1)
        return torch.from_numpy(np.log(np.maximum(stacked, _SMALLEST_PROBABILITY)))

    inferer = SlidingWindowInferer(
        (student.stage.patch_size,) * 3, sw_batch_size=student.batch_size, overlap=_OVERLAP, mode="constant"
    )
    with torch.inference_mode():
        mean = torch.as_tensor(inferer(torch.from_numpy(channels)[None], predict))[0]
    parts = torch.split(mean, list(heads.values()), dim=0)
    return {name: part.numpy() for name, part in zip(heads, parts, strict=True)}


def _on_ct(mask: npt.NDArray[np.uint8], grid: Grid, ct: CtVolume) -> sitk.Image:
    whole = sitk.Image(ct.image.GetSize(), sitk.sitkUInt8)
    whole.CopyInformation(ct.image)
    box = voxels_around(ct.grid, grid)
    if box is None:
        return whole
    index, size = box
    region = Grid.of(sitk.RegionOfInterest(whole, size, index))
    part = resample_to_grid(grid.to_image(mask), region, sitk.sitkNearestNeighbor, 0)
    return sitk.Paste(whole, part, part.GetSize(), destinationIndex=index)
