"""Read a CT from whatever the user has: NIfTI, NRRD, MetaImage, or a folder with DICOM."""

from __future__ import annotations

from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes.checks import check_axes, check_coverage, check_intensities
from fedkd.volumes.ct_volume import CtSource, CtVolume
from fedkd.volumes.dicom_pixels import read_slices_hu
from fedkd.volumes.dicom_scan import claims_dicom, scan_dicom
from fedkd.volumes.dicom_series import choose_series
from fedkd.volumes.dicom_stack import stack_slices
from fedkd.volumes.hashing import sha256_of_files
from fedkd.volumes.volume_file import read_volume_file


def read_ct(path: Path, series_uid: str | None = None) -> CtVolume:
    """Read a CT; the geometry stays as stored, nothing is flipped or resampled.

    Args:
        path: a NIfTI, NRRD or MetaImage file, a folder in which DICOM files lie (at any depth),
            or one multi-frame DICOM file.
        series_uid: the DICOM series to take; needed only when several would do.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, NOT_A_VOLUME, INTENSITIES_INVALID, GEOMETRY_INVALID,
            NOT_A_CT or SERIES_AMBIGUOUS, each saying what, where and what to do.
    """
    path = Path(path)
    if not path.exists():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, "There is no such file or folder.", where=path, what_to_do="Check the path."
        )
    if path.is_dir() or claims_dicom(path):
        return _read_dicom(path, series_uid)
    return _read_image_file(path)


def _read_dicom(path: Path, series_uid: str | None) -> CtVolume:
    chosen = choose_series(scan_dicom(path), series_uid)
    stack = stack_slices(chosen)
    check_axes(stack.grid, chosen.where)
    check_coverage(stack.grid, chosen.where)
    volume_hu = read_slices_hu(stack)
    check_intensities(volume_hu, chosen.where)
    first = stack.slices[0].series
    source = CtSource(
        path,
        "dicom",
        sha256_of_files(stack.files),
        first.series_uid,
        first.study_uid or None,
        first.frame_of_reference_uid or None,
        stack.files,
    )
    return CtVolume(stack.grid.to_image(volume_hu), source)


def _read_image_file(path: Path) -> CtVolume:
    stored = read_volume_file(path)
    check_coverage(stored.grid, path)
    check_intensities(stored.values, path)
    source = CtSource(path, stored.format, sha256_of_files(stored.files))
    return CtVolume(stored.grid.to_image(stored.values), source)
