"""The CT as one file, for programs that want one."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from fedkd.volumes.ct_volume import CtVolume


def as_one_file(ct: CtVolume, scratch: Path) -> Path:
    """Return the CT's file; a DICOM series is written to ``scratch`` first.

    Raises:
        RuntimeError: SimpleITK could not write the file.
    """
    if ct.source.format != "dicom":
        return ct.source.path
    path = scratch / "ct.nrrd"
    sitk.WriteImage(ct.image, str(path))
    return path
