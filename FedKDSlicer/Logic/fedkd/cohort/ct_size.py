"""How large a CT will be in memory, by its headers alone."""

from __future__ import annotations

import math
from pathlib import Path

from fedkd.errors import FedkdError
from fedkd.volumes.dicom_headers import read_slice_headers
from fedkd.volumes.dicom_scan import claims_dicom, files_below
from fedkd.volumes.file_formats import format_of

_VOXEL_BYTES = 2


def bytes_in_memory(path: Path) -> int | None:
    """Return the bytes of a CT's voxels, or None when its headers do not tell.

    For a folder with several DICOM series it is the size of all of them.
    """
    try:
        if path.is_dir() or claims_dicom(path):
            return _bytes_of_dicom([path] if path.is_file() else list(files_below(path)))
        file_format = format_of(path)
        return None if file_format is None else _VOXEL_BYTES * math.prod(file_format.read_header(path).grid.size_xyz)
    except (FedkdError, OSError):
        return None


def _bytes_of_dicom(files: list[Path]) -> int | None:
    first = next(filter(claims_dicom, files), None)
    if first is None:
        return None
    try:
        slices = read_slice_headers(first)
    except Exception:  # noqa: BLE001 - reading it in earnest says what is wrong with it
        return None
    sizes = [one.size_rows_columns for one in slices]
    known = [_VOXEL_BYTES * size[0] * size[1] for size in sizes if size is not None]
    return sum(known) * len(files) if len(known) == len(sizes) else None
