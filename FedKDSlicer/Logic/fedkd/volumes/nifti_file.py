"""Understand the header of a NIfTI file (.nii, .nii.gz; versions 1 and 2).

Rules of the format: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
from nibabel.nifti1 import Nifti1Header
from nibabel.spatialimages import HeaderDataError

from fedkd.geometry import LPS_TO_RAS, Grid
from fedkd.volumes.deflate import DEFLATE_ERRORS
from fedkd.volumes.pixel_stream import open_data
from fedkd.volumes.refusals import bad_geometry, not_a_volume, unreadable
from fedkd.volumes.stored_image import PixelLayout, StoredImage

_DAMAGED: tuple[type[Exception], ...] = (*DEFLATE_ERRORS, HeaderDataError, ValueError)
_GZIP_MAGIC = b"\x1f\x8b"
_HEADER_CLASSES: dict[int, Callable[..., Nifti1Header]] = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}
_MM_PER_UNIT = {"unknown": 1.0, "mm": 1.0, "meter": 1000.0, "micron": 0.001}
# Both transforms are stored as float32: their rounding stays far below this.
_AGREEMENT_MM = 0.1
_SHEAR = 1e-3
_LARGEST_OFFSET = 1 << 24
_SPACING_AGREEMENT = 0.01


def read_nifti_header(path: Path) -> StoredImage:
    """Return what the header of the NIfTI file says.

    Raises:
        FedkdError: INPUT_UNREADABLE, NOT_A_VOLUME, or GEOMETRY_INVALID when the orientation is missing,
            sheared, or given twice and differently.
    """
    with path.open("rb") as file:
        deflated = file.read(2) == _GZIP_MAGIC
    header = _parse(path, deflated)
    size = _size(header, path)
    layout = _layout(header, path, deflated)
    return StoredImage(_grid(header, size, path), layout, (path,))


def _parse(path: Path, deflated: bool) -> Nifti1Header:
    try:
        with open_data(path, 0, deflated) as data:
            first = data.read(4)
        length = next((n for n in _HEADER_CLASSES if n in (int.from_bytes(first, "little"), int.from_bytes(first))), 0)
        if not length:
            raise unreadable(path, "This is not a NIfTI file.")
        with open_data(path, 0, deflated) as data:
            header = _HEADER_CLASSES[length](data.read(length), check=False)
    except _DAMAGED as error:
        raise unreadable(path, "The NIfTI header is damaged.") from error
    except OSError as error:
        raise unreadable(path, f"The file cannot be read ({error.strerror or error}).") from error
    # Extensions may lie between header and voxels, but nobody stores more than a few kilobytes there.
    if bytes(header["magic"].item())[:2] != b"n+" or not length <= header["vox_offset"] <= _LARGEST_OFFSET:
        raise unreadable(path, "The NIfTI header does not lead to voxels in the file.")
    return header


def _size(header: Nifti1Header, path: Path) -> tuple[int, int, int]:
    shape = tuple(int(n) for n in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3 or min(shape) < 2:
        raise not_a_volume(path, f"its size is {' x '.join(map(str, shape)) or 'empty'}")
    return (shape[0], shape[1], shape[2])


def _layout(header: Nifti1Header, path: Path, deflated: bool) -> PixelLayout:
    try:
        dtype = header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
    except (HeaderDataError, KeyError) as error:
        raise unreadable(path, "The NIfTI header gives no valid type or scaling of the values.") from error
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise not_a_volume(path, "its voxels are colors, complex numbers or vectors")
    offset = int(header["vox_offset"])
    # NaN is how some writers say "no scaling"; infinity is nothing anybody means.
    if np.isinf([header["scl_slope"], header["scl_inter"]]).any():
        raise unreadable(path, "The NIfTI header scales the values by infinity.")
    if slope is None:
        return PixelLayout(path, 0, deflated, offset, dtype)
    return PixelLayout(path, 0, deflated, offset, dtype, float(slope), float(intercept))


def _grid(header: Nifti1Header, size: tuple[int, int, int], path: Path) -> Grid:
    affine = _lps_affine(header, size, path)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if not (spacing > 0).all():
        raise bad_geometry(path, "The NIfTI header gives no valid orientation.")
    direction = affine[:3, :3] / spacing
    if np.abs(direction.T @ direction - np.eye(3)).max() > _SHEAR:
        raise bad_geometry(path, "The voxel axes are not at right angles to each other (sheared, as by gantry tilt).")
    if not np.allclose(spacing, np.abs(header["pixdim"][1:4]) * _mm_per_unit(header, path), rtol=_SPACING_AGREEMENT):
        raise bad_geometry(path, "The NIfTI header gives two different voxel sizes (pixdim and sform).")
    x, y, z = (float(value) for value in affine[:3, 3])
    return Grid(size, (float(spacing[0]), float(spacing[1]), float(spacing[2])), (x, y, z), tuple(direction.ravel()))


def _mm_per_unit(header: Nifti1Header, path: Path) -> float:
    try:
        return _MM_PER_UNIT[header.get_xyzt_units()[0]]
    except KeyError as error:
        raise bad_geometry(path, "The NIfTI header names an unknown unit of length.") from error


def _lps_affine(header: Nifti1Header, size: tuple[int, int, int], path: Path) -> npt.NDArray[np.float64]:
    """Return the 4x4 matrix from voxel indices to LPS mm: the sform, else the qform."""
    pixdim = header["pixdim"][1:4]
    if not np.isfinite(pixdim).all() or not (pixdim > 0).all():
        raise bad_geometry(path, f"The voxel size in the NIfTI header is not valid ({pixdim.tolist()}).")
    try:
        with np.errstate(invalid="ignore"):  # NaN is refused below
            stored = [header.get_sform(coded=True)[0], header.get_qform(coded=True)[0]]
    except (HeaderDataError, ValueError) as error:
        raise bad_geometry(path, "The orientation in the NIfTI header is not valid.") from error
    ras_to_lps_mm = np.diag([*(LPS_TO_RAS * _mm_per_unit(header, path)), 1.0])
    affines = [ras_to_lps_mm @ affine for affine in stored if affine is not None]
    if not affines:
        raise bad_geometry(path, "The NIfTI file does not say how the patient lies (neither sform nor qform).")
    if not np.isfinite(affines).all():
        raise bad_geometry(path, "The orientation in the NIfTI header is not a number.")
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in size], indexing="ij")).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])
    if np.abs((affines[0] - affines[-1]) @ corners).max() > _AGREEMENT_MM:
        raise bad_geometry(path, "The two orientations in the NIfTI header (sform and qform) contradict each other.")
    return affines[0]
