"""Label maps of heads that are not ours: any integers, or segments by their names, as classes of the head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.case.segmentation_file import named_labels
from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes import VolumeFile, read_volume_file

MOST_CLASSES = 63


def read_classes(path: Path, class_names: Sequence[str]) -> sitk.Image:
    """Read a label map as uint8 on its own grid: 0 background, 1 the first of ``class_names``, and so on.

    In a segmentation file the segments' names tell the classes, whatever their numbers; a single segment is the
    single class, whatever its name. Elsewhere the numbers are the classes.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is a label that is none of the classes; those of
            `read_volume_file`.
    """
    volume = read_volume_file(path)
    table = np.zeros(highest_label(volume, path) + 1, np.uint8)
    for label, number in _classes_by_label(path, class_names).items():
        if label < len(table):
            table[label] = number
    classes: npt.NDArray[np.uint8] = table[volume.values]
    lost = (classes == 0) & (volume.values != 0)
    if lost.any():
        known = ", ".join(f"{number} {name}" for number, name in enumerate(class_names, start=1))
        what = f"The label map holds {int(volume.values[lost][0])}, which is none of the classes: {known}."
        raise label_map_invalid(what, path)
    return volume.grid.to_image(classes)


def segments_of(path: Path) -> tuple[tuple[str, int], ...]:
    """Return names and labels of the segments of a label map; none when it names none.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when two segments have one name.
    """
    segments = named_labels(path) if path.suffix == ".nrrd" else ()
    names = [name.casefold() for name, _ in segments]
    if len(set(names)) < len(names):
        raise label_map_invalid("Two segments have the same name.", path)
    return segments


def highest_label(volume: VolumeFile, path: Path) -> int:
    """Return the highest label.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there are negative values.
    """
    if volume.values.min() < 0:
        raise label_map_invalid("The file holds negative values: it looks like a CT, not a label map.", path)
    return int(volume.values.max())


def label_map_invalid(what: str, where: Path) -> FedkdError:
    """Return the error for a label map that cannot be learned from."""
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID,
        what,
        where=where,
        what_to_do="Correct the label map, or name the classes in their order with --classes.",
    )


def _classes_by_label(path: Path, class_names: Sequence[str]) -> dict[int, int]:
    segments = segments_of(path)
    if not segments:
        return {number: number for number in range(1, len(class_names) + 1)}
    if len(segments) == len(class_names) == 1:
        return {segments[0][1]: 1}
    numbers = {name.casefold(): number for number, name in enumerate(class_names, start=1)}
    unknown = [name for name, _ in segments if name.casefold() not in numbers]
    if unknown:
        what = f"There is a segment {unknown[0]}; the classes are {', '.join(class_names)}."
        raise label_map_invalid(what, path)
    return {label: numbers[name.casefold()] for name, label in segments}
