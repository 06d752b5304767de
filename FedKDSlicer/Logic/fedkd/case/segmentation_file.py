"""Label maps as Slicer's segmentation files (.seg.nrrd) and back.

The keys follow "Segmentation labelmap file format" in 3D Slicer's developer guide.
The codes are DICOM's (PS3.16): category from CID 7150, type from SNOMED CT.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import CALCIFIED_PART_LABELS, CALCIFIED_PARTS, Code, SegmentStyle
from fedkd.volumes import read_volume_file

_CATEGORY_AND_TYPE_LIST = "Segmentation category and type - DICOM master list"
_ANATOMY_LIST = "Anatomic codes - DICOM master list"
_REPRESENTATION = "Binary labelmap"


def write_segmentation(label_map: sitk.Image, styles: Sequence[SegmentStyle], path: Path) -> None:
    """Write a label map as a segmentation, voxels and geometry unchanged.

    Args:
        label_map: 3D; 0 is background, 1 belongs to the first of ``styles``, and so on.
        styles: name, color and codes of the segments; an empty segment is kept, so that a reader can paint it.
        path: ends with ``.seg.nrrd``.

    Raises:
        ValueError: a label has no style.
        RuntimeError: SimpleITK could not write the file.
    """
    image = sitk.Cast(label_map, sitk.sitkUInt8)
    if int(sitk.GetArrayViewFromImage(image).max(initial=0)) > len(styles):
        raise ValueError(f"there are more labels than segments ({len(styles)})")
    for key in image.GetMetaDataKeys():
        image.EraseMetaData(key)
    for key, value in _metadata(image.GetSize(), styles).items():
        image.SetMetaData(key, value)
    writer = sitk.ImageFileWriter()
    writer.SetImageIO("NrrdImageIO")
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.Execute(image)


def read_label_map(path: Path) -> sitk.Image:
    """Read a label map, a segmentation file with one layer included, as 3D uint8.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, NOT_A_VOLUME (overlapping segments, too) or GEOMETRY_INVALID.
    """
    volume = read_volume_file(path)
    return volume.grid.to_image(volume.values.astype(np.uint8))


def read_mask(path: Path) -> sitk.Image:
    """Read a label map or segmentation file as 3D uint8: 1 in any segment, 0 elsewhere.

    Raises:
        FedkdError: as `read_label_map`.
    """
    return read_label_map(path) != 0


def read_calcified_parts(path: Path) -> sitk.Image | None:
    """Read calcification by part of the root, as uint8 with the labels of `fedkd.anatomy.CALCIFIED_PART_LABELS`.

    The segments are found by their ids: other programs number and order them as they like. None when the file has
    none of them, such as calcification that is not told apart.

    Raises:
        FedkdError: as `read_label_map`.
    """
    volume = read_volume_file(path)
    stored = stored_labels(path)
    parts = np.zeros(volume.values.shape, np.uint8)
    labels = {part: stored.get(style.segment_id) for part, style in CALCIFIED_PARTS.items()}
    for part, label in labels.items():
        if label is not None:
            parts[volume.values == label] = CALCIFIED_PART_LABELS[part]
    return volume.grid.to_image(parts) if any(label is not None for label in labels.values()) else None


def stored_labels(path: Path) -> dict[str, int]:
    """Return the label value of every segment by its id, as the header of a segmentation file says."""
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return {}
    found = {}
    for key in reader.GetMetaDataKeys():
        match = re.fullmatch(r"(Segment\d{1,3})_ID", key)
        value = reader.GetMetaData(f"{match[1]}_LabelValue") if match and _has_label(reader, match[1]) else ""
        if re.fullmatch(r"\d{1,5}", value):
            found[reader.GetMetaData(key)] = int(value)
    return found


def _has_label(reader: sitk.ImageFileReader, segment: str) -> bool:
    return reader.HasMetaDataKey(f"{segment}_LabelValue")


def _metadata(size_xyz: tuple[int, ...], styles: Sequence[SegmentStyle]) -> dict[str, str]:
    extent = " ".join(f"0 {size - 1}" for size in size_xyz)
    metadata = {
        # Slicer up to 5.2 asks for the first of these two, later versions for the second.
        "Segmentation_MasterRepresentation": _REPRESENTATION,
        "Segmentation_SourceRepresentation": _REPRESENTATION,
        "Segmentation_ContainedRepresentationNames": f"{_REPRESENTATION}|",
        "Segmentation_ConversionParameters": "",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    for number, style in enumerate(styles):
        metadata |= {f"Segment{number}_{key}": value for key, value in _segment(style, number + 1, extent).items()}
    return metadata


def _segment(style: SegmentStyle, label: int, extent: str) -> dict[str, str]:
    return {
        "ID": style.segment_id,
        "Name": style.name,
        "NameAutoGenerated": "0",
        "Color": " ".join(f"{part:g}" for part in style.color_rgb),
        "ColorAutoGenerated": "0",
        "Extent": extent,
        "LabelValue": str(label),
        "Layer": "0",
        "Tags": f"TerminologyEntry:{terminology_entry(style)}|",
    }


def terminology_entry(style: SegmentStyle) -> str:
    """Return the segment's codes the way Slicer writes them: list, category, type, type modifier, region, modifier."""
    no_modifier = "^^"
    category_and_type = (_CATEGORY_AND_TYPE_LIST, _triple(style.category), _triple(style.type), no_modifier)
    modifier = no_modifier if style.region_modifier is None else _triple(style.region_modifier)
    return "~".join((*category_and_type, _ANATOMY_LIST, _triple(style.region), modifier))


def _triple(code: Code) -> str:
    return f"{code.scheme}^{code.value}^{code.meaning}"
