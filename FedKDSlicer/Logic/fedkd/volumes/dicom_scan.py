"""Find the DICOM files below a folder."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fedkd.volumes.dicom_headers import SliceHeader, read_slice_headers

# What reading a damaged header was seen to raise, beside pydicom's own errors.
_PARSE_ERRORS = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, RecursionError, TypeError, ValueError,
    struct.error, zlib.error,
)  # fmt: skip
_PREAMBLE_BYTES = 128
# Old files may lack the preamble; they start with the lowest elements of these groups.
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00")
_TABLE_OF_CONTENTS = "DICOMDIR"


@dataclass(frozen=True)
class DicomScan:
    """The slices found at ``place``, and files that look like DICOM but cannot be understood."""

    place: Path
    slices: tuple[SliceHeader, ...]
    broken: tuple[Path, ...]


def scan_dicom(place: Path) -> DicomScan:
    """Read the headers of all DICOM files below the folder ``place``, or of that one file.

    Links to other folders are not followed.
    """
    slices: list[SliceHeader] = []
    broken: list[Path] = []
    for file in [place] if place.is_file() else files_below(place):
        if not claims_dicom(file):
            continue
        headers = _headers_of(file)
        slices.extend(headers)
        if not headers:
            broken.append(file)
    return DicomScan(place, tuple(slices), tuple(broken))


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below ``folder`` in a fixed order, without hidden ones and DICOM's table of contents."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.upper() != _TABLE_OF_CONTENTS:
                yield Path(parent, name)


def study_of(file: Path) -> str:
    """Return the StudyInstanceUID of a DICOM file, empty when it has none or is damaged."""
    headers = _headers_of(file)
    return headers[0].series.study_uid if headers else ""


def claims_dicom(file: Path) -> bool:
    """Say by the first bytes or the name whether this means to be a DICOM file, however damaged."""
    return file.is_file() and (file.suffix.lower() == ".dcm" or looks_like_dicom(file))


def looks_like_dicom(file: Path) -> bool:
    """Say by the first bytes whether this is a DICOM file; False when it cannot be opened."""
    if not file.is_file():
        return False
    try:
        with file.open("rb") as stream:
            start = stream.read(_PREAMBLE_BYTES + 4)
    except OSError:
        return False
    if start[_PREAMBLE_BYTES:] == b"DICM":
        return True
    return len(start) > _PREAMBLE_BYTES and start[:2] in _FIRST_GROUPS and start[3:4] == b"\0"


def _headers_of(file: Path) -> list[SliceHeader]:
    """Return the headers of the file's slices, none when it is damaged."""
    from pydicom.errors import BytesLengthException, InvalidDicomError  # see `read_slice_headers`

    try:
        return read_slice_headers(file)
    except (BytesLengthException, InvalidDicomError, *_PARSE_ERRORS):
        return []
