"""Calcification cut to the part that is not empty: CTs are large, valves are small.

Light on purpose: 3D Slicer's panel reads it in the application's own Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import CALCIFIED_PARTS, Code, SegmentStyle

EXTENT_OFFSET_KEY = "Segmentation_ReferenceImageExtentOffset"
_CATEGORY_AND_TYPE_LIST = "Segmentation category and type - DICOM master list"
_ANATOMY_LIST = "Anatomic codes - DICOM master list"


@dataclass(frozen=True)
class CalcifiedBox:
    """What a file marks as calcification, cut to the part that is not empty.

    Args:
        image: uint8 with the labels of `fedkd.anatomy.CALCIFIED_PART_LABELS`, or 1 where the parts are not told apart.
        by_part: True where they are.
        first_index_xyz: where the box begins in the whole (i, j, k).
    """

    image: sitk.Image
    by_part: bool
    first_index_xyz: tuple[int, int, int]


def cut_to_box(parts: sitk.Image) -> CalcifiedBox:
    """Cut a label map of `fedkd.anatomy.CALCIFIED_PART_LABELS`; of an empty one the first voxel remains."""
    marked_zyx = sitk.GetArrayViewFromImage(parts) != 0
    across = marked_zyx.any(axis=0)
    ranges = [_range(across.any(axis=0)), _range(across.any(axis=1)), _range(marked_zyx.any(axis=(1, 2)))]
    first = (ranges[0][0], ranges[1][0], ranges[2][0])
    image = sitk.RegionOfInterest(parts, [end - low for low, end in ranges], first)
    return CalcifiedBox(sitk.Cast(image, sitk.sitkUInt8), by_part=True, first_index_xyz=first)


def read_box_file(path: Path) -> CalcifiedBox:
    """Read what `fedkd.case.segmentation_file.write_calcified_box` wrote.

    Raises:
        RuntimeError: SimpleITK cannot read it.
    """
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    image = reader.Execute()
    ids = {reader.GetMetaData(key) for key in reader.GetMetaDataKeys() if re.fullmatch(r"Segment\d{1,3}_ID", key)}
    by_part = any(style.segment_id in ids for style in CALCIFIED_PARTS.values())
    offset = reader.GetMetaData(EXTENT_OFFSET_KEY).split()
    return CalcifiedBox(sitk.Cast(image, sitk.sitkUInt8), by_part, (int(offset[0]), int(offset[1]), int(offset[2])))


def terminology_entry(style: SegmentStyle) -> str:
    """Return the segment's codes the way Slicer writes them: list, category, type, type modifier, region, modifier."""
    no_modifier = "^^"
    category_and_type = (_CATEGORY_AND_TYPE_LIST, _triple(style.category), _triple(style.type), no_modifier)
    modifier = no_modifier if style.region_modifier is None else _triple(style.region_modifier)
    return "~".join((*category_and_type, _ANATOMY_LIST, _triple(style.region), modifier))


def _triple(code: Code) -> str:
    return f"{code.scheme}^{code.value}^{code.meaning}"


def _range(occupied: np.ndarray) -> tuple[int, int]:
    found = np.flatnonzero(occupied)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 1)
