"""The kinds of image files that are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedkd.volumes.metaimage_file import read_metaimage_header
from fedkd.volumes.nrrd_file import read_nrrd_header
from fedkd.volumes.stored_image import StoredImage


@dataclass(frozen=True)
class FileFormat:
    """One kind: its name in provenance, the ends of its file names, and who understands its header."""

    name: str
    suffixes: tuple[str, ...]
    read_header: Callable[[Path], StoredImage]


def _read_nifti_header(path: Path) -> StoredImage:
    from fedkd.volumes.nifti_file import read_nifti_header  # a process that reads none starts sooner without nibabel

    return read_nifti_header(path)


FILE_FORMATS = (
    FileFormat("nifti", (".nii", ".nii.gz"), _read_nifti_header),
    FileFormat("nrrd", (".nrrd", ".nhdr"), read_nrrd_header),
    FileFormat("metaimage", (".mha", ".mhd"), read_metaimage_header),
)


def format_of(path: Path) -> FileFormat | None:
    """Return the format that the end of the file's name says, None for other files."""
    name = path.name.lower()
    return next((known for known in FILE_FORMATS if name.endswith(known.suffixes)), None)


def stem_of(path: Path) -> str:
    """Return the file's name without the end that names its format; other names as they are."""
    known = format_of(path)
    ends = sorted(known.suffixes, key=len, reverse=True) if known else []
    name = path.name
    return next((name[: -len(end)] for end in ends if name.lower().endswith(end)), name)
