"""What a CT is once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk

from fedkd.geometry import Grid


@dataclass(frozen=True)
class CtSource:
    """Where a CT came from.

    Args:
        path: the file or folder that was given.
        format: ``nifti``, ``nrrd``, ``metaimage`` or ``dicom``.
        sha256: hash of the file's bytes (of header and data file if they are two);
            for DICOM of the chosen series' files in the order of their slices.
        series_instance_uid: DICOM only, like the two below.
        study_instance_uid: the examination the series belongs to.
        frame_of_reference_uid: names the patient coordinate system of the series.
        dicom_files: exactly the files that were read, in the order of their slices. Their names may name the patient.
    """

    path: Path
    format: str
    sha256: str
    series_instance_uid: str | None = None
    study_instance_uid: str | None = None
    frame_of_reference_uid: str | None = None
    dicom_files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class CtVolume:
    """A CT as a 3D int16 image in Hounsfield units, voxels and geometry as they were stored (LPS)."""

    image: sitk.Image
    source: CtSource

    @property
    def grid(self) -> Grid:
        """The CT's voxel grid."""
        return Grid.of(self.image)
