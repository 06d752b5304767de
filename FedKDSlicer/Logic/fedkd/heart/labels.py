"""The heart's parts as a label map: what a conditioned network gets as its second channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HEART_CHANNELS
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart.given_file import GivenFile
from fedkd.heart.label_names import label_names
from fedkd.heart.region import HeartRegion
from fedkd.volumes import CtVolume, VolumeFile, resample_to_grid

# The names of TotalSegmentator (tasks "total" of version 1 and "heartchambers_highres") in the order of HEART_CHANNELS.
_THEIR_NAMES = (
    "",
    "heart_myocardium",
    "heart_atrium_left",
    "heart_ventricle_left",
    "heart_atrium_right",
    "heart_ventricle_right",
    "aorta",
    "pulmonary_artery",
)
_SAMPLING_MM = 2.0
_HIGHEST = len(HEART_CHANNELS) - 1
_LABELS = GivenFile(
    "The file with the heart's parts",
    "Give a label map of this CT's heart with --heart-labels, and --heart-labels-map for other numbers.",
)


@dataclass(frozen=True)
class HeartLabels:
    """``image``: uint8 on any grid, the index in `anatomy.HEART_CHANNELS`. ``source``: for provenance."""

    image: sitk.Image
    source: str

    def on(self, grid: Grid) -> sitk.Image:
        """Return the labels on ``grid``, from the nearest voxel; background outside."""
        return resample_to_grid(self.image, grid, sitk.sitkNearestNeighbor, 0)

    def region(self) -> HeartRegion | None:
        """Return where myocardium and chambers are; None when there are none. The aorta may go on far below them."""
        steps = tuple(max(1, int(_SAMPLING_MM // spacing)) for spacing in self.image.GetSpacing())
        values = sitk.GetArrayFromImage(self.image)[:: steps[2], :: steps[1], :: steps[0]]
        index_zyx = np.argwhere((values > 0) & (values < HEART_CHANNELS.index("aorta")))
        if len(index_zyx) == 0:
            return None
        return HeartRegion.around(Grid.of(self.image).index_to_lps(index_zyx[:, ::-1] * steps), self.source)


def parse_label_mapping(text: str) -> dict[int, int]:
    """Return the mapping that a text such as ``51=aorta,44=myocardium,7=0`` describes.

    Right of each ``=`` stands a name of `anatomy.HEART_CHANNELS` or its index; labels not named are background.

    Raises:
        FedkdError: USAGE.
    """
    mapping: dict[int, int] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        theirs, _, ours = (part.strip() for part in pair.partition("="))
        channel = _channel(ours)
        if not theirs.isdecimal() or len(theirs) > 5 or channel is None or int(theirs) in mapping:
            raise FedkdError(
                ExitCode.USAGE,
                f"{pair!r} maps no label of the file to a part of the heart.",
                where="--heart-labels-map",
                what_to_do=f"Write label=part, with commas between. Parts: {', '.join(HEART_CHANNELS)}; or numbers.",
            )
        mapping[int(theirs)] = channel
    return mapping


def heart_labels_from_file(path: Path, ct: CtVolume, mapping: Mapping[int, int] | None = None) -> HeartLabels:
    """Return the heart's parts that a label file marks.

    Args:
        path: NIfTI, NRRD or MetaImage on any grid.
        ct: the CT that it belongs to.
        mapping: the file's labels to channels of `anatomy.HEART_CHANNELS`; default: by the names in the file where it
            has TotalSegmentator's, else the labels are the channels.

    Raises:
        FedkdError: INPUT_NOT_FOUND; HEART_MASK_INVALID when it cannot be read, has other labels than expected, marks
            nothing, or nothing inside the CT.
    """
    file = _LABELS.read(path)
    named = _mapping_by_names(path)
    how = (
        "its numbers" if mapping is None and not named else "the mapping given" if mapping is not None else "its names"
    )
    values = _mapped(file, named if mapping is None else mapping, path)
    labels = HeartLabels(file.grid.to_image(values), f"heart labels from file {path.name} by {how}")
    _check_inside(labels, ct, path)
    return labels


def _channel(text: str) -> int | None:
    if text in HEART_CHANNELS:
        return HEART_CHANNELS.index(text)
    return int(text) if text.isdecimal() and len(text) == 1 and int(text) <= _HIGHEST else None


def _mapping_by_names(path: Path) -> dict[int, int]:
    names = label_names(path)
    return {label: _THEIR_NAMES.index(name) for label, name in names.items() if name and name in _THEIR_NAMES}


def _mapped(
    file: VolumeFile, mapping: Mapping[int, int], path: Path
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    high = int(file.values.max())
    if not mapping and high > _HIGHEST:
        raise _LABELS.refusal(path, f"The file has labels up to {high}; the heart's parts are 0 to {_HIGHEST}.")
    table = np.zeros(high + 1, np.uint8)
    for theirs, ours in (mapping or {label: label for label in range(_HIGHEST + 1)}).items():
        if theirs <= high:
            table[theirs] = ours
    values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = table[file.values]
    if not values.any():
        raise _LABELS.refusal(path, "The file marks no part of the heart.")
    return values


def _check_inside(labels: HeartLabels, ct: CtVolume, path: Path) -> None:
    # Every few voxels of the CT tell whether the two overlap at all.
    coarse = [max(1, round(4 / spacing)) for spacing in ct.grid.spacing_mm]
    sampled = sitk.Shrink(ct.image, coarse)
    if not sitk.GetArrayFromImage(labels.on(Grid.of(sampled))).any():
        raise _LABELS.refusal(path, "The heart's labels lie outside the CT.")
