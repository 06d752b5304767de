"""What NRRD and MetaImage have in common: a header of text lines, and data in the file or in one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

import SimpleITK as sitk

from fedkd.geometry import Grid
from fedkd.volumes.quiet import quiet_itk
from fedkd.volumes.refusals import not_a_volume, unreadable

_LONGEST_LINE = 1 << 16
_MOST_LINES = 4096


def header_lines(file: BinaryIO, path: Path) -> Iterator[str]:
    """Yield the lines of the header without their ends; bounded, because the file may be anything.

    Raises:
        FedkdError: INPUT_UNREADABLE when this is no text or it does not end.
    """
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if not line:
            return
        if len(line) >= _LONGEST_LINE or b"\0" in line:
            break
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")
    raise unreadable(path, "The header of the file is damaged.")


def data_file_beside(path: Path, name: str) -> Path:
    """Return the data file that the header at ``path`` names.

    The name comes from the file and is not trusted: only a plain name, of a regular file in the header's folder.

    Raises:
        FedkdError: INPUT_UNREADABLE for any other name, and when there is no such file.
    """
    plain = PurePosixPath(name).name == name and PureWindowsPath(name).name == name and name not in {"", ".", ".."}
    if not plain:
        raise unreadable(path, "The header names a data file outside its own folder, which is not followed.")
    data = path.parent / name
    if not data.is_file() or data.resolve().parent != path.parent.resolve():
        raise unreadable(path, f"The data file {name!r} is missing beside the header.")
    return data


def grid_by_itk(path: Path, image_io: str) -> Grid:
    """Return the grid as ITK's reader ``image_io`` understands the header; the pixels are not read.

    Raises:
        FedkdError: NOT_A_VOLUME when the image is not 3D with one number per voxel; INPUT_UNREADABLE.
    """
    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    reader.SetFileName(str(path))
    try:
        with quiet_itk():
            reader.ReadImageInformation()
    except RuntimeError as error:
        raise unreadable(path, "The header of the file is damaged.") from error
    size = reader.GetSize()
    if len(size) != 3 or reader.GetNumberOfComponents() != 1 or min(size) < 2:
        parts = f", {reader.GetNumberOfComponents()} values per voxel" if reader.GetNumberOfComponents() != 1 else ""
        raise not_a_volume(path, f"its size is {' x '.join(map(str, size))}{parts}")
    return Grid(size, reader.GetSpacing(), reader.GetOrigin(), reader.GetDirection())
