"""Read any 3D image file completely: its grid, and its values as int16."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.volumes.checks import check_axes
from fedkd.volumes.file_formats import FILE_FORMATS, format_of
from fedkd.volumes.pixel_stream import Int16Array, read_hu
from fedkd.volumes.refusals import unreadable


@dataclass(frozen=True)
class VolumeFile:
    """What a file holds: ``values`` has axes ``zyx``; ``files`` are all the files it is made of."""

    grid: Grid
    values: Int16Array
    format: str
    files: tuple[Path, ...]


def read_volume_file(path: Path) -> VolumeFile:
    """Read a NIfTI, NRRD or MetaImage file; its values may be HU or labels.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, NOT_A_VOLUME, INTENSITIES_INVALID (NaN) or GEOMETRY_INVALID.
    """
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
    return VolumeFile(stored.grid, read_hu(stored.pixels, stored.grid.size_xyz), file_format.name, stored.files)
