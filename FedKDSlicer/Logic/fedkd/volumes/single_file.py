"""The CT as one file, for programs that want one."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from fedkd.volumes.ct_volume import CtVolume


def as_one_file(ct: CtVolume, scratch: Path) -> Path:
    """Write the CT to ``scratch``, uncompressed, and return the file.

    Other programs then read the voxels that were checked here, without unpacking them once more.

    Raises:
        RuntimeError: SimpleITK could not write the file.
    """
    path = scratch / "ct.nrrd"
    sitk.WriteImage(ct.image, str(path))
    return path
