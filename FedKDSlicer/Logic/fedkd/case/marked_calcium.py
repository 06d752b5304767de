"""Which voxels were marked as calcification, before any threshold: by the model, or by a reader who edited the file.

calcification.seg.nrrd holds what was measured: with another threshold, or moved landmarks, it would be other voxels.
So the marks are kept beside it, and count until a reader edits calcification.seg.nrrd: then that is what was marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import SimpleITK as sitk

from fedkd.anatomy import CALCIFICATION, SegmentStyle
from fedkd.atomic import write_atomically
from fedkd.case.layout import CALCIFICATION_FILE, MARKED_FILE
from fedkd.case.provenance import Provenance
from fedkd.case.results import write_calcified_parts
from fedkd.case.segmentation_file import read_mask, stored_labels, write_segmentation
from fedkd.geometry import Grid
from fedkd.volumes import resample_to_grid, sha256_of_files

# In the file of the marks the segment says who made them.
_READERS = replace(CALCIFICATION, segment_id="calcification_by_reader", name=f"{CALCIFICATION.name}, by a reader")


@dataclass(frozen=True)
class CalciumMarks:
    """Where calcium was seen: ``image`` is 0/1 in the CT's grid; a reader's outline is kept to the voxel."""

    image: sitk.Image
    by_reader: bool = False


def read_marks(folder: Path, provenance: Provenance, grid: Grid) -> CalciumMarks | None:
    """Return what is marked in a case folder, in the CT's ``grid``; None: nobody gave an opinion.

    Raises:
        FedkdError: INPUT_UNREADABLE, NOT_A_VOLUME or GEOMETRY_INVALID for a damaged file.
    """
    measured, marked = folder / CALCIFICATION_FILE, folder / MARKED_FILE
    if not measured.is_file():
        return None
    record = provenance.measurement
    if record is not None and record.calcification_sha256 != sha256_of_files([measured]):
        return CalciumMarks(_on(grid, read_mask(measured)), by_reader=True)
    if record is not None and marked.is_file():
        return CalciumMarks(_on(grid, read_mask(marked)), _READERS.segment_id in stored_labels(marked))
    return None if provenance.model is None else CalciumMarks(_on(grid, read_mask(measured)))


def write_calcium(folder: Path, grid: Grid, parts: sitk.Image | None, marks: CalciumMarks | None) -> str:
    """Write calcification.seg.nrrd, and the marks beside it; return the hash of the former.

    Args:
        folder: a case folder.
        grid: the CT's.
        parts: what was measured, by part of the root; None: it could not be measured, and the marks are all there is.
        marks: in ``grid``; None: no opinion.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    path, marked = folder / CALCIFICATION_FILE, folder / MARKED_FILE
    marked.unlink(missing_ok=True)
    if parts is None:
        _write_mask(path, _nothing(grid) if marks is None else marks.image, CALCIFICATION)
    else:
        write_calcified_parts(folder, parts)
        if marks is not None:
            _write_mask(marked, marks.image, _READERS if marks.by_reader else CALCIFICATION)
    return sha256_of_files([path])


def _write_mask(path: Path, mask: sitk.Image, style: SegmentStyle) -> None:
    write_atomically(path, lambda unfinished: write_segmentation(mask, (style,), unfinished))


def _on(grid: Grid, mask: sitk.Image) -> sitk.Image:
    """Return the mask in ``grid``: other programs cut a segmentation to the part that is not empty."""
    return mask if Grid.of(mask) == grid else resample_to_grid(mask, grid, sitk.sitkNearestNeighbor, 0.0)


def _nothing(grid: Grid) -> sitk.Image:
    image = sitk.Image(grid.size_xyz, sitk.sitkUInt8)
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_lps_mm)
    image.SetDirection(grid.direction)
    return image
