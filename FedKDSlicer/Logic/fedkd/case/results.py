"""Write points and calcification into a case folder, and say what is in it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS, LANDMARK_NAMES
from fedkd.atomic import write_atomically
from fedkd.case.layout import CALCIFICATION_FILE, LANDMARKS_FILE, PROVENANCE_FILE
from fedkd.case.made_files import MADE_FILES
from fedkd.case.segmentation_file import write_segmentation

if TYPE_CHECKING:
    from fedkd.pointsets import PointList


def write_results(folder: Path, points: PointList, calcification: sitk.Image) -> None:
    """Write landmarks.mrk.json, hps.mps and ms.mps (each only when complete), and calcification.seg.nrrd.

    Args:
        folder: an unpublished case folder.
        points: the seven landmarks in their fixed order, LPS mm.
        calcification: 0/1 in the CT's grid.

    Raises:
        OSError, RuntimeError: a file could not be written.
    """
    from fedkd.pointsets import write_points, write_study_point_sets

    if points.labels != LANDMARK_NAMES:
        raise ValueError(f"the points are {points.labels}, not {LANDMARK_NAMES}")
    write_points(folder / LANDMARKS_FILE, points)
    write_study_point_sets(folder, points)
    write_segmentation(calcification, (CALCIFICATION,), folder / CALCIFICATION_FILE)


def write_calcified_parts(folder: Path, parts: sitk.Image) -> None:
    """Write calcification.seg.nrrd anew, with one segment for each part of the root.

    Args:
        folder: a case folder.
        parts: `fedkd.anatomy.CALCIFIED_PART_LABELS` in the CT's grid.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    styles = tuple(CALCIFIED_PARTS.values())
    write_atomically(folder / CALCIFICATION_FILE, lambda unfinished: write_segmentation(parts, styles, unfinished))


def volume_mm3(label_map: sitk.Image) -> float:
    """Return the volume of all voxels that are not 0."""
    voxels = int(np.count_nonzero(sitk.GetArrayViewFromImage(label_map)))
    return voxels * float(np.prod(label_map.GetSpacing()))


def files_in(folder: Path, outlines: Collection[str] = ()) -> tuple[str, ...]:
    """Return the files of a case folder that we write, but its provenance; '/' stands between folder and name.

    What a reader keeps there is the reader's, whatever its name.

    Args:
        folder: the case folder.
        outlines: names of the files with what heads that are not ours outline.
    """
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    ours = (path.as_posix() for path in found if path.parts[0] in MADE_FILES | {LANDMARKS_FILE, *outlines})
    return tuple(sorted(name for name in ours if name != PROVENANCE_FILE))
