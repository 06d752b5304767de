"""Heads that are not ours: what a model's owner taught it to outline, at the CT's own resolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.backends import HeadProbabilities
from fedkd.case.head_outlines import HeadOutline
from fedkd.geometry import Grid
from fedkd.models.card import StageSpec
from fedkd.volumes import resample_to_grid, voxels_around


def outline_further_heads(
    ct: sitk.Image, stage: StageSpec, maps: HeadProbabilities, grid: Grid
) -> tuple[HeadOutline, ...]:
    """Return what the heads with named classes outline on the CT's grid: in each voxel the likeliest class.

    Args:
        ct: the CT, in any orientation.
        stage: the network; it names the heads and their classes.
        maps: class probabilities (channels, z, y, x) on ``grid``.
        grid: the part of space that the network saw; nothing is outlined beyond it.
    """
    return tuple(
        HeadOutline(head, names, _likeliest_on(ct, maps[head], grid), grid) for head, names in stage.class_names.items()
    )


def _likeliest_on(ct: sitk.Image, probabilities: npt.NDArray[np.float32], grid: Grid) -> sitk.Image:
    whole = sitk.Image(ct.GetSize(), sitk.sitkUInt8)
    whole.CopyInformation(ct)
    box = voxels_around(Grid.of(ct), grid)
    if box is None:
        return whole
    index, size = box
    target = Grid.of(sitk.RegionOfInterest(whole, size, index))
    # Class by class: all of them at the CT's resolution would not fit into the memory.
    highest = np.full(target.size_xyz[::-1], -1.0, np.float32)
    classes = np.zeros(target.size_xyz[::-1], np.uint8)
    for number, probability in enumerate(probabilities):
        # Beyond the crop background wins, whatever the crop's border shows.
        image = resample_to_grid(grid.to_image(probability), target, sitk.sitkLinear, 2.0 if number == 0 else 0.0)
        here = sitk.GetArrayViewFromImage(image)
        classes[here > highest] = number
        np.maximum(highest, here, out=highest)
    part = target.to_image(classes)
    return sitk.Paste(whole, part, part.GetSize(), destinationIndex=index)


def further_heads_of_several(
    outlines: Sequence[tuple[str, HeadOutline]],
) -> tuple[tuple[HeadOutline, ...], tuple[str, ...]]:
    """Return one outline for each head, and what the reader must be told: outlines of several models do not vote.

    Args:
        outlines: model and outline, in the models' order.
    """
    chosen: dict[str, HeadOutline] = {}
    notes = []
    for model, outline in outlines:
        if outline.head not in chosen:
            chosen[outline.head] = outline
            notes.append(f"{outline.head}: outlined by {model} alone.")
    return tuple(chosen.values()), tuple(notes)
