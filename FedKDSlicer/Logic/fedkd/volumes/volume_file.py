"""Read any 3D image file completely: its grid, and its values as int16."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.volumes.checks import check_axes
from fedkd.volumes.file_formats import FILE_FORMATS, FileFormat, format_of
from fedkd.volumes.pixel_stream import Int16Array, read_hu, read_marked
from fedkd.volumes.refusals import unreadable
from fedkd.volumes.stored_image import StoredImage


@dataclass(frozen=True)
class VolumeFile:
    """What a file holds: ``values`` has axes ``zyx``; ``files`` are all the files it is made of."""

    grid: Grid
    values: Int16Array
    format: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class MarkedBox:
    """The part of a label map that is not empty.

    Args:
        grid: the box' own.
        values: axes ``zyx``.
        first_index_xyz: where the box begins in the whole (i, j, k).
    """

    grid: Grid
    values: Int16Array
    first_index_xyz: tuple[int, int, int]


def read_volume_file(path: Path) -> VolumeFile:
    """Read a NIfTI, NRRD or MetaImage file; its values may be HU or labels.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, NOT_A_VOLUME, INTENSITIES_INVALID (NaN) or GEOMETRY_INVALID.
    """
    file_format, stored = _read_header(path)
    return VolumeFile(stored.grid, read_hu(stored.pixels, stored.grid.size_xyz), file_format.name, stored.files)


def read_marked_box(path: Path) -> MarkedBox:
    """Read the smallest box around all voxels that are not 0, or the first voxel of a file where all are.

    The file is checked as a whole, like by `read_volume_file`, but the whole is never in memory.

    Raises:
        FedkdError: as `read_volume_file`.
    """
    _, stored = _read_header(path)
    values, (k, j, i) = read_marked(stored.pixels, stored.grid.size_xyz)
    x, y, z = stored.grid.index_to_lps((i, j, k)).tolist()
    depth, height, width = values.shape
    return MarkedBox(replace(stored.grid, size_xyz=(width, height, depth), origin_lps_mm=(x, y, z)), values, (i, j, k))


def read_grid(path: Path) -> Grid:
    """Read where the voxels of a NIfTI, NRRD or MetaImage file lie, and nothing else.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, NOT_A_VOLUME or GEOMETRY_INVALID.
    """
    return _read_header(path)[1].grid


def _read_header(path: Path) -> tuple[FileFormat, StoredImage]:
    if not path.is_file():
        raise FedkdError(ExitCode.INPUT_NOT_FOUND, "There is no such file.", where=path, what_to_do="Check the path.")
    file_format = format_of(path)
    if file_format is None:
        known = " ".join(suffix for known_format in FILE_FORMATS for suffix in known_format.suffixes)
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "This kind of file is not read.",
            where=path,
            what_to_do=f"Give one of {known}; for DICOM, give the folder with its files.",
        )
    try:
        stored = file_format.read_header(path)
    except OSError as error:
        raise unreadable(path, f"The file cannot be read ({error.strerror or error}).") from error
    check_axes(stored.grid, path)
    return file_format, stored
