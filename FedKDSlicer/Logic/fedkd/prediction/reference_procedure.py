"""The procedure of the study's code: one cube of 192 mm, patches of it, and points by argmax.

Source: the paper's preprocessing and its code's predictor. CT values are clipped and normalized, then brought to 1 mm
by B-splines, then cut or padded (with air) around the middle to 192^3 voxels. Patches overlap by a quarter and their
logits are averaged. A landmark is the center of mass of the largest connected component (faces touch) of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

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
from fedkd.landmarks import Located
from fedkd.prediction.consensus import Consensus, agree
from fedkd.prediction.reference_passes import CubePass
from fedkd.volumes import AIR_HU, CtVolume, resample_to_grid, voxels_around

LogProbabilities = dict[str, npt.NDArray[np.float32]]

_USED_HEADS = (*POINT_HEADS, "calc")
_OVERLAP = 0.25
# B-splines reach farther than a voxel, although hardly farther than this.
_SPLINE_REACH_MM = 12.0
_SMALLEST_PROBABILITY = np.float32(1e-37)


@dataclass(frozen=True)
class Cube:
    """What is looked at, and how often.

    Args:
        grid: of the stage's spacing, each side at least one patch.
        labels: the heart's parts, for a conditioned network.
        passes: the looks that vote.
    """

    grid: Grid
    labels: HeartLabels | None = None
    passes: Sequence[CubePass] = (CubePass(),)


@dataclass(frozen=True)
class ReferenceView:
    """What the network sees on ``grid``. ``calcification``: uint8, 0 or 1, on the CT's grid; None without a head."""

    landmarks: dict[str, Consensus]
    calcification: sitk.Image | None
    grid: Grid


def look_as_reference(ct: CtVolume, student: StageRunner, cube: Cube, tick: Callable[[], None]) -> ReferenceView:
    """Find what the network's heads know in the part of the CT that the cube covers.

    Landmarks are voted for; the calcification is that of the mean of the passes' log probabilities. What other heads
    say is not kept: the maps of a cube take more memory than most CTs.

    Args:
        ct: the CT.
        student: the network.
        cube: what is looked at.
        tick: called before each patch.
    """
    votes: list[dict[str, Located]] = []
    calcium: npt.NDArray[np.float32] | None = None
    for one in cube.passes:
        grid = _moved(cube.grid, one.shift_xyz)
        maps = _average_by_window(student, _channels(ct, student, grid, cube.labels), one.mirrored_zyx, tick)
        votes.append(_located(maps, grid))
        if "calc" in maps:
            calcium = _added(calcium, maps["calc"], one.shift_xyz)
        del maps  # or they would stay until the next pass has made its own
    agreed = {name: agree(name, votes) for head in POINT_HEADS for name in HEADS[head].channels[1:]}
    landmarks = {name: found for name, found in agreed.items() if found is not None}
    calcification = None if calcium is None else _on_ct(_winning_class(calcium), cube.grid, ct)
    return ReferenceView(landmarks, calcification, cube.grid)


def windows_of(grid: Grid, patch_size: int) -> int:
    """Return into how many patches the grid is divided."""
    step = int(patch_size * (1 - _OVERLAP))
    return int(np.prod([1 + -(-max(0, size - patch_size) // step) for size in grid.size_xyz]))


def _channels(ct: CtVolume, student: StageRunner, grid: Grid, labels: HeartLabels | None) -> npt.NDArray[np.float32]:
    """Return what the network is given, (channels, z, y, x)."""
    channels = [_normalized_on(ct, student, grid)]
    if labels is not None:
        channels.append(sitk.GetArrayFromImage(labels.on(grid)).astype(np.float32))
    return np.stack(channels)


def _located(maps: LogProbabilities, grid: Grid) -> dict[str, Located]:
    located: dict[str, Located] = {}
    for head in (head for head in POINT_HEADS if head in maps):
        located |= centers_of_largest(maps[head], HEADS[head].channels[1:], grid)
    return located


def _moved(grid: Grid, shift_xyz: tuple[int, int, int]) -> Grid:
    x, y, z = (float(value) for value in grid.index_to_lps(shift_xyz))
    return replace(grid, origin_lps_mm=(x, y, z))


def _added(
    total: npt.NDArray[np.float32] | None, log_probabilities: npt.NDArray[np.float32], shift_xyz: tuple[int, int, int]
) -> npt.NDArray[np.float32]:
    """Add a map of a moved cube to the straight one's, where both are; the class that wins needs no mean."""
    if total is None:
        return log_probabilities
    here = tuple(slice(max(0, shift), min(0, shift) or None) for shift in shift_xyz[::-1])
    there = tuple(slice(max(0, -shift), min(0, -shift) or None) for shift in shift_xyz[::-1])
    total[:, *here] += log_probabilities[:, *there]
    return total


def centers_of_largest(
    log_probabilities: npt.NDArray[np.float32], names: tuple[str, ...], grid: Grid
) -> dict[str, Located]:
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
        found[name] = Located(grid.index_to_lps(center_zyx[::-1]), confidence)
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
    student: StageRunner,
    channels: npt.NDArray[np.float32],
    mirrored_zyx: tuple[int, ...],
    tick: Callable[[], None],
) -> LogProbabilities:
    """Return the mean over overlapping patches of each head's log probabilities.

    The network sees each patch mirrored along ``mirrored_zyx``; what it says is mirrored back.

    The class that wins is the same as with the mean of the logits: the two differ by one number for all classes.
    """
    heads = [head for head in student.stage.network.heads if head in _USED_HEADS]
    axes = tuple(2 + axis for axis in mirrored_zyx)  # after batch and channel

    def predict(patches: torch.Tensor) -> dict[str, torch.Tensor]:
        for _ in patches:
            tick()
        found = student.probabilities(np.ascontiguousarray(np.flip(patches.numpy(), axes)))
        # One array for each head: views of a common one would keep the whole of it.
        return {name: torch.from_numpy(_logarithm(np.flip(found[name], axes))) for name in heads}

    inferer = SlidingWindowInferer(
        (student.stage.patch_size,) * 3, sw_batch_size=student.batch_size, overlap=_OVERLAP, mode="constant"
    )
    with torch.inference_mode():
        mean = cast("dict[str, torch.Tensor]", inferer(torch.from_numpy(channels)[None], predict))
    return {name: mean[name][0].numpy() for name in heads}


def _logarithm(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.log(np.maximum(probabilities, _SMALLEST_PROBABILITY))


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
