"""A look through all label maps of a new head before anything is learned from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.models.card import CLASS_NAME_PATTERN
from fedkd.training.cases import TrainingCase, is_test_case
from fedkd.training.head_labels import (
    MOST_CLASSES,
    highest_label,
    label_map_invalid,
    read_classes,
    segments_of,
)
from fedkd.volumes import read_grid, read_volume_file

# Less of a label inside the CT means that the two do not belong together.
_LEAST_INSIDE = 0.5


def class_names_of(cases: Sequence[TrainingCase], head: str, chosen: Sequence[str] | None) -> tuple[str, ...]:
    """Return the classes of a new head, after checking every label map that it will learn from.

    Args:
        cases: those kept for testing are not looked at.
        head: its name.
        chosen: the classes as the user names them. Else segmentation files name them; else the highest label tells
            how many there are, and they are called like the head.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is no label map, none of them marks anything, or one of them has
            other classes or does not lie in its CT; those of reading a file.
    """
    labeled = [(case, path) for case in cases if not is_test_case(case.case_id) if (path := case.label_map(head))]
    if not labeled:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"No training case has a label map named {head}.",
            where=cases[0].ct.parent.parent,
            what_to_do=f"Put {head}.nii.gz, {head}.nrrd or {head}.seg.nrrd beside the CTs "
            "(a fifth of all cases is always kept for testing).",
        )
    names = tuple(chosen) if chosen else _names_in_files([path for _, path in labeled], head)
    _check_names(names, labeled[0][1])
    marked = [_is_marked(case, path, names) for case, path in labeled]
    if not any(marked):
        raise label_map_invalid(
            f"None of the {len(labeled)} label maps of the training cases marks anything.", labeled[0][1].parent.parent
        )
    return names


def _names_in_files(paths: list[Path], head: str) -> tuple[str, ...]:
    named = next((segments for path in paths if (segments := segments_of(path))), ())
    if named:
        return tuple(name for name, _ in sorted(named, key=lambda segment: segment[1]))
    highest = max(_highest_labels(paths))
    if highest > MOST_CLASSES:
        raise label_map_invalid(
            f"There are labels up to {highest}; a head has at most {MOST_CLASSES}.", paths[0].parent
        )
    return (head,) if highest <= 1 else tuple(f"{head} {number}" for number in range(1, highest + 1))


def _highest_labels(paths: list[Path]) -> Iterator[int]:
    for path in paths:
        yield highest_label(read_volume_file(path), path)


def _check_names(names: tuple[str, ...], where: Path) -> None:
    if len(names) > MOST_CLASSES:
        raise label_map_invalid(f"There are {len(names)} classes; a head has at most {MOST_CLASSES}.", where)
    for name in names:
        if not re.fullmatch(CLASS_NAME_PATTERN, name):
            what = f"{name!r} cannot be the name of a class: letters, digits, spaces and . _ ( ) + - are possible."
            raise label_map_invalid(what, where)
    if len({name.casefold() for name in names}) < len(names):
        raise label_map_invalid("Two classes have the same name.", where)


def _is_marked(case: TrainingCase, path: Path, names: tuple[str, ...]) -> bool:
    """True when anything is marked; raise when most of it lies outside the CT."""
    image = read_classes(path, names)
    grid, ct = Grid.of(image), read_grid(case.ct)
    marked = np.argwhere(sitk.GetArrayViewFromImage(image) > 0)[:, ::-1]
    if len(marked) == 0:
        return False
    index = ct.lps_to_index(grid.index_to_lps(marked))
    inside = np.all((index >= -0.5) & (index <= np.array(ct.size_xyz) - 0.5), axis=1)
    if inside.mean() < _LEAST_INSIDE:
        raise label_map_invalid("What the label map marks lies outside its CT, or most of it does.", path)
    return True
