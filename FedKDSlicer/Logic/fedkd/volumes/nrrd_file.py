"""Understand the header of an NRRD file (.nrrd; .nhdr with its data file beside it).

Rules of the format: https://teem.sourceforge.net/nrrd/format.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from fedkd.volumes.refusals import bad_geometry, not_a_volume, unreadable
from fedkd.volumes.stored_image import PixelLayout, StoredImage
from fedkd.volumes.text_header import data_file_beside, grid_by_itk, header_lines

_TYPES = {
    "int8": "signed char, int8, int8_t",
    "uint8": "uchar, unsigned char, uint8, uint8_t",
    "int16": "short, short int, signed short, signed short int, int16, int16_t",
    "uint16": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
    "int32": "int, signed int, int32, int32_t",
    "uint32": "uint, unsigned int, uint32, uint32_t",
    "float32": "float",
    "float64": "double",
}
_DTYPE_BY_NAME = {name: dtype for dtype, names in _TYPES.items() for name in names.split(", ")}
_DEFLATED = {"raw": False, "gzip": True, "gz": True}
_KNOWN_SPACES = {
    "left-posterior-superior", "lps",
    "right-anterior-superior", "ras",
    "left-anterior-superior", "las",
}  # fmt: skip
_AXES_OF_SPACE = {"domain", "space", "???", "none"}


def read_nrrd_header(path: Path) -> StoredImage:
    """Return what the header of the NRRD file says.

    Raises:
        FedkdError: INPUT_UNREADABLE, NOT_A_VOLUME, or GEOMETRY_INVALID when the orientation is missing.
    """
    fields, header_bytes = _read_fields(path)
    if "dimension" not in fields:
        raise unreadable(path, "The NRRD header does not say how many dimensions there are.")
    if fields["dimension"] != "3":
        raise not_a_volume(path, f"it has {fields['dimension']} dimensions")
    if any(kind.lower() not in _AXES_OF_SPACE for kind in fields.get("kinds", "").split()):
        raise not_a_volume(path, f"the kinds of its axes are {fields['kinds']}")
    _check_space(fields, path)
    encoding = fields.get("encoding", "").lower()
    if encoding not in _DEFLATED:
        raise unreadable(path, f"The NRRD encoding {encoding!r} is not supported (only raw and gzip).")
    if any(fields.get(skip, "0") != "0" for skip in ("line skip", "byte skip", "lineskip", "byteskip")):
        raise unreadable(path, "The NRRD header skips parts of the data file, which is not supported.")
    name = fields.get("data file", fields.get("datafile"))
    data = path if name is None else data_file_beside(path, name)
    pixels = PixelLayout(data, header_bytes if name is None else 0, _DEFLATED[encoding], 0, _dtype(fields, path))
    return StoredImage(grid_by_itk(path, "NrrdImageIO"), pixels, (path,) if name is None else (path, data))


def _read_fields(path: Path) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        lines = header_lines(file, path)
        if not next(lines, "").startswith("NRRD000"):
            raise unreadable(path, "This is not an NRRD file.")
        for line in lines:
            if not line:
                break
            name, separator, value = line.partition(": ")
            if separator and not line.startswith("#"):
                fields[name.strip().lower()] = value.strip()
        return fields, file.tell()


def _check_space(fields: dict[str, str], path: Path) -> None:
    if fields.get("space", "").lower() not in _KNOWN_SPACES or "space directions" not in fields:
        raise bad_geometry(path, "The NRRD header does not say how the patient lies (space, space directions).")
    directions = fields["space directions"].lower()
    if directions.count("(") != 3 or "none" in directions or "nan" in directions:
        raise not_a_volume(path, "one of its axes is no direction in space")
    if any(unit.strip('"') not in {"mm", ""} for unit in fields.get("space units", "").split()):
        raise bad_geometry(path, f"The NRRD header gives lengths in {fields['space units']}, not in mm.")


def _dtype(fields: dict[str, str], path: Path) -> np.dtype[np.generic]:
    name = _DTYPE_BY_NAME.get(fields.get("type", "").lower())
    if name is None:
        raise unreadable(path, f"The NRRD type {fields.get('type')!r} is not supported.")
    return np.dtype(name).newbyteorder("<" if fields.get("endian", sys.byteorder) == "little" else ">")
