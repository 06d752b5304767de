"""Understand the header of a MetaImage file (.mha; .mhd with its data file beside it).

Rules of the format: https://docs.itk.org/en/latest/learn/metaio.html
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fedkd.volumes.refusals import bad_geometry, not_a_volume, unreadable
from fedkd.volumes.stored_image import PixelLayout, StoredImage
from fedkd.volumes.text_header import data_file_beside, grid_by_itk, header_lines

_DTYPES = {
    "MET_CHAR": "int8",
    "MET_UCHAR": "uint8",
    "MET_SHORT": "int16",
    "MET_USHORT": "uint16",
    "MET_INT": "int32",
    "MET_UINT": "uint32",
    "MET_FLOAT": "float32",
    "MET_DOUBLE": "float64",
}
_TRUE = {"true", "t", "1", "yes"}
_NEUTRAL = {
    "HeaderSize": 0.0,
    "ElementToIntensityFunctionSlope": 1.0,
    "ElementToIntensityFunctionOffset": 0.0,
}


def read_metaimage_header(path: Path) -> StoredImage:
    """Return what the header of the MetaImage file says.

    Raises:
        FedkdError: INPUT_UNREADABLE, NOT_A_VOLUME, or GEOMETRY_INVALID when the orientation is missing.
    """
    fields, header_bytes = _read_fields(path)
    if fields.get("NDims") != "3":
        raise not_a_volume(path, f"it has {fields.get('NDims', 'no')} dimensions")
    if not {"TransformMatrix", "Orientation", "Rotation"} & fields.keys():
        raise bad_geometry(path, "The MetaImage header does not say how the patient lies (TransformMatrix).")
    if fields.get("DistanceUnits", "mm").lower() not in {"mm", "?"}:
        raise bad_geometry(path, f"The MetaImage header gives lengths in {fields['DistanceUnits']}, not in mm.")
    _refuse_special(fields, path)
    name = fields["ElementDataFile"]
    inside = name.upper() == "LOCAL"
    if name.upper().startswith("LIST"):  # other readers would take its lines for names of files, anywhere
        raise unreadable(path, "The voxels of the MetaImage file lie in many files, which is not supported.")
    data = path if inside else data_file_beside(path, name)
    deflated = fields.get("CompressedData", "False").lower() in _TRUE
    pixels = PixelLayout(data, header_bytes if inside else 0, deflated, 0, _dtype(fields, path))
    return StoredImage(grid_by_itk(path, "MetaImageIO"), pixels, (path,) if inside else (path, data))


def _read_fields(path: Path) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        for line in header_lines(file, path):
            name, separator, value = line.partition("=")
            if not separator:
                break
            fields[name.strip()] = value.strip()
            if name.strip() == "ElementDataFile":  # always the last line of the header
                return fields, file.tell()
    raise unreadable(path, "This is not a MetaImage file, or its header is damaged.")


def _refuse_special(fields: dict[str, str], path: Path) -> None:
    if fields.get("BinaryData", "True").lower() not in _TRUE:
        raise unreadable(path, "MetaImage files with data as text are not supported.")
    for name, neutral in _NEUTRAL.items():
        try:
            special = float(fields.get(name, neutral)) != neutral
        except ValueError:
            special = True
        if special:
            raise unreadable(path, f"The MetaImage header sets {name}, which is not supported.")


def _dtype(fields: dict[str, str], path: Path) -> np.dtype[np.generic]:
    name = _DTYPES.get(fields.get("ElementType", ""))
    if name is None:
        raise unreadable(path, f"The MetaImage type {fields.get('ElementType')!r} is not supported.")
    order = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False"))
    return np.dtype(name).newbyteorder(">" if order.lower() in _TRUE else "<")
