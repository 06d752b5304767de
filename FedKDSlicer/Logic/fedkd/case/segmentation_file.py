"""Label maps as Slicer's segmentation files (.seg.nrrd) and back.

The keys follow "Segmentation labelmap file format" in 3D Slicer's developer guide.
The codes are DICOM's (PS3.16): category from CID 7150, type from SNOMED CT.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PART_LABELS, CALCIFIED_PARTS, SegmentStyle
from fedkd.case.calcified_box import EXTENT_OFFSET_KEY, CalcifiedBox, terminology_entry
from fedkd.volumes import read_marked_box, read_volume_file

_REPRESENTATION = "Binary labelmap"
# Measured on calcification: as small as the default's, in a quarter of the time; with 1 it is ten times as large.
_COMPRESSION_LEVEL = 2


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
    _write(label_map, styles, path, (0, 0, 0))


def write_calcified_box(box: CalcifiedBox, path: Path) -> None:
    """Write a box of calcification as a segmentation that says where in its CT it lies.

    Args:
        box: what to write.
        path: ends with ``.seg.nrrd``.

    Raises:
        RuntimeError: SimpleITK could not write the file.
    """
    _write(box.image, tuple(CALCIFIED_PARTS.values()) if box.by_part else (CALCIFICATION,), path, box.first_index_xyz)


def _write(
    label_map: sitk.Image, styles: Sequence[SegmentStyle], path: Path, first_index_xyz: tuple[int, int, int]
) -> None:
    image = sitk.Cast(label_map, sitk.sitkUInt8)
    if int(sitk.GetArrayViewFromImage(image).max(initial=0)) > len(styles):
        raise ValueError(f"there are more labels than segments ({len(styles)})")
    for key in image.GetMetaDataKeys():
        image.EraseMetaData(key)
    for key, value in _metadata(image.GetSize(), styles).items():
        image.SetMetaData(key, value)
    image.SetMetaData(EXTENT_OFFSET_KEY, " ".join(map(str, first_index_xyz)))
    writer = sitk.ImageFileWriter()
    writer.SetImageIO("NrrdImageIO")
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.SetCompressionLevel(_COMPRESSION_LEVEL)
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
    parts = _calcified_parts(path, volume.values)
    return None if parts is None else volume.grid.to_image(parts)


def read_calcified_box(path: Path) -> CalcifiedBox:
    """Read calcification, by part of the root where the file tells them apart, as `read_calcified_parts` does.

    Raises:
        FedkdError: as `read_label_map`.
    """
    box = read_marked_box(path)
    parts = _calcified_parts(path, box.values)
    # A label beyond 255 counts as in `read_mask`.
    labels = (box.values.astype(np.uint8) != 0).astype(np.uint8) if parts is None else parts
    return CalcifiedBox(box.grid.to_image(labels), parts is not None, box.first_index_xyz)


def _calcified_parts(path: Path, values: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8] | None:
    stored = stored_labels(path)
    labels = {part: stored.get(style.segment_id) for part, style in CALCIFIED_PARTS.items()}
    if all(label is None for label in labels.values()):
        return None
    parts = np.zeros(values.shape, np.uint8)
    for part, label in labels.items():
        if label is not None:
            parts[values == label] = CALCIFIED_PART_LABELS[part]
    return parts


def stored_labels(path: Path) -> dict[str, int]:
    """Return the label value of every segment by its id, as the header of a segmentation file says."""
    return dict(_stored_labels(path, "ID"))


def named_labels(path: Path) -> tuple[tuple[str, int], ...]:
    """Return name and label value of every segment, as the header of a segmentation file says; names may repeat."""
    return _stored_labels(path, "Name")


def _stored_labels(path: Path, key: str) -> tuple[tuple[str, int], ...]:
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return ()
    found = []
    for entry in reader.GetMetaDataKeys():
        match = re.fullmatch(rf"(Segment\d{{1,3}})_{key}", entry)
        value = reader.GetMetaData(f"{match[1]}_LabelValue") if match and _has_label(reader, match[1]) else ""
        if re.fullmatch(r"\d{1,5}", value):
            found.append((reader.GetMetaData(entry), int(value)))
    return tuple(found)


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
