"""What people label of a phantom, and how well: some kinds of labels only, with an observer's error."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.atomic import writing_error
from fedkd.case.labeled_files import CALCIFICATION_LABEL_FILE, CORONARIES_LABEL_FILE, HEART_LABEL_FILE
from fedkd.case.layout import LANDMARKS_FILE
from fedkd.phantom.files import write_case
from fedkd.phantom.make import Phantom
from fedkd.pointsets import PointList, write_points

# Student's t with 3 degrees of freedom: some observers' points are an order of magnitude further out than most.
_DEGREES_OF_FREEDOM = 3
# Median length of a vector of three such numbers, from 10^6 draws.
_MEDIAN_LENGTH = 1.919

Position = tuple[float, float, float]


@dataclass(frozen=True)
class Labeling:
    """How one case was labeled.

    Args:
        heads: which kinds of labels there are.
        swaps: pairs of points that are stored in each other's place.
        observer_mm: median distance of the points from the truth.
    """

    heads: tuple[str, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    observer_mm: float = 0.0


def write_labeled_case(folder: Path, phantom: Phantom, labeling: Labeling, rng: np.random.Generator) -> None:
    """Write a phantom as a case with these labels; the folder appears at once, complete.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    beside = folder.parent / f".making-{folder.name}"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        write_case(beside, phantom)
        for name in (HEART_LABEL_FILE, CORONARIES_LABEL_FILE, LANDMARKS_FILE):
            (beside / name).unlink(missing_ok=True)
        if "calc" not in labeling.heads:
            (beside / CALCIFICATION_LABEL_FILE).unlink()
        points = labeled_points(phantom.points, labeling, rng)
        if points:
            write_points(beside / LANDMARKS_FILE, PointList.from_positions(points))
        os.replace(beside, folder)
    except OSError as error:
        raise writing_error(folder, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def labeled_points(
    truth: dict[str, Position], labeling: Labeling, rng: np.random.Generator
) -> dict[str, Position | None]:
    """Return the points that an observer stored, LPS mm; those out of view as undefined."""
    names = [name for head in POINT_HEADS if head in labeling.heads for name in HEADS[head].channels[1:]]
    other = {a: b for pair in labeling.swaps for a, b in (pair, pair[::-1])}
    return {name: _seen(truth.get(other.get(name, name)), labeling.observer_mm, rng) for name in names}


def _seen(point: Position | None, observer_mm: float, rng: np.random.Generator) -> Position | None:
    error_mm = rng.standard_t(_DEGREES_OF_FREEDOM, 3) * (observer_mm / _MEDIAN_LENGTH)
    if point is None:
        return None
    x, y, z = (float(value) for value in np.asarray(point) + error_mm)
    return x, y, z
