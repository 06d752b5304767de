"""Read a CT from whatever the user has: NIfTI, NRRD, MetaImage or a folder with DICOM."""

from __future__ import annotations

import hashlib
from pathlib import Path

import SimpleITK as sitk

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes.ct_volume import CtSource, CtVolume

_FORMATS = {
    ".nii": "nifti",
    ".nii.gz": "nifti",
    ".nrrd": "nrrd",
    ".nhdr": "nrrd",
    ".mha": "metaimage",
    ".mhd": "metaimage",
}


def read_ct(path: Path, series_uid: str | None = None) -> CtVolume:
    """Read a CT; the geometry stays as stored, nothing is flipped or resampled."""
    path = Path(path)
    if not path.exists():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, "There is no such file or folder.", where=path, what_to_do="Check the path."
        )
    if path.is_dir():
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(path), series_uid or ""))
        return CtVolume(sitk.Cast(reader.Execute(), sitk.sitkInt16), CtSource(path, "dicom", ""))
    suffix = next((s for s in sorted(_FORMATS, key=len, reverse=True) if path.name.lower().endswith(s)), ".nii")
    image = sitk.Cast(sitk.ReadImage(str(path)), sitk.sitkInt16)
    return CtVolume(image, CtSource(path, _FORMATS[suffix], hashlib.sha256(path.read_bytes()).hexdigest()))
