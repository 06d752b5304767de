"""Which voxels were marked as calcification, before any threshold: by the model, or by a reader who edited the file.

calcification.seg.nrrd holds what was measured: with another threshold, or moved landmarks, it would be other voxels.
So the marks are kept beside it, and count until a reader edits calcification.seg.nrrd: then that is what was marked.
"""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from fedkd.anatomy import CALCIFICATION
from fedkd.atomic import write_atomically
from fedkd.case.layout import CALCIFICATION_FILE, MARKED_FILE
from fedkd.case.provenance import Provenance
from fedkd.case.results import write_calcified_parts
from fedkd.case.segmentation_file import read_label_map, write_segmentation
from fedkd.geometry import Grid
from fedkd.volumes import resample_to_grid, sha256_of_files


def read_marks(folder: Path, provenance: Provenance, grid: Grid) -> sitk.Image | None:
    """Return what is marked in a case folder, 0/1 in the CT's ``grid``; None: nobody gave an opinion.

    Raises:
        FedkdError: INPUT_UNREADABLE, NOT_A_VOLUME or GEOMETRY_INVALID for a damaged file.
    """
    measured, marked = folder / CALCIFICATION_FILE, folder / MARKED_FILE
    if not measured.is_file():
        return None
    record = provenance.measurement
    if record is None or record.calcification_sha256 != sha256_of_files([measured]):
        return _on(grid, read_label_map(measured))
    if marked.is_file():
        return _on(grid, read_label_map(marked))
    return None if provenance.model is None else _on(grid, read_label_map(measured))


def write_calcium(folder: Path, grid: Grid, parts: sitk.Image | None, marks: sitk.Image | None) -> str:
    """Write calcification.seg.nrrd, and the marks beside it; return the hash of the former.

    Args:
        folder: a case folder.
        grid: the CT's.
        parts: what was measured, by part of the root; None: it could not be measured, and the marks are all there is.
        marks: 0/1 in ``grid``; None: no opinion.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    path, marked = folder / CALCIFICATION_FILE, folder / MARKED_FILE
    marked.unlink(missing_ok=True)
    if parts is None:
        _write_marks(path, _nothing(grid) if marks is None else marks)
    else:
        write_calcified_parts(folder, parts)
        if marks is not None:
            _write_marks(marked, marks)
    return sha256_of_files([path])


def _write_marks(path: Path, marks: sitk.Image) -> None:
    write_atomically(path, lambda unfinished: write_segmentation(marks, (CALCIFICATION,), unfinished))


def _on(grid: Grid, label_map: sitk.Image) -> sitk.Image:
    """Return the map as 0/1 in ``grid``: other programs cut a segmentation to the part that is not empty."""
    mask = sitk.Cast(label_map != 0, sitk.sitkUInt8)
    return mask if Grid.of(mask) == grid else resample_to_grid(mask, grid, sitk.sitkNearestNeighbor, 0.0)


def _nothing(grid: Grid) -> sitk.Image:
    image = sitk.Image(grid.size_xyz, sitk.sitkUInt8)
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_lps_mm)
    image.SetDirection(grid.direction)
    return image
