"""Stack the slices of a DICOM series by their positions, and refuse what is no regular stack.

The order follows ImagePositionPatient along the normal of the slices (DICOM PS3.3, C.7.6.2); names and instance
numbers of files say nothing reliable about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.volumes.dicom_headers import SliceHeader
from fedkd.volumes.dicom_series import Series
from fedkd.volumes.refusals import bad_geometry, not_a_volume, unreadable

FloatArray = npt.NDArray[np.float64]

# Files round directions and spacings to few digits.
_SAME_DIRECTION = 1e-3
_SAME_SPACING_MM = 1e-3
_DUPLICATE_MM = 0.01
# A slice may be off its regular place by this part of the distance between slices.
_JITTER = 0.25
# Sideways shift of slices against the normal, over the whole stack: more means a tilted gantry.
_SHEAR_MM = 1.0
# Units of the modality rescale that mean Hounsfield units ("US" is "unspecified").
_HOUNSFIELD_TYPES = {"", "HU", "HU_MOD", "US"}


@dataclass(frozen=True)
class Stack:
    """Slices in order, and the grid they form: i along rows, j along columns, k from slice to slice."""

    slices: tuple[SliceHeader, ...]
    grid: Grid

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, each once, in the order of their first slices."""
        return tuple(dict.fromkeys(item.file for item in self.slices))

    @property
    def slices_of_files(self) -> dict[Path, tuple[int, ...]]:
        """For each file, in the order of `files`, the indices k of its frames, in the order of the frames."""
        frames: dict[Path, list[tuple[int, int]]] = {}
        for index, item in enumerate(self.slices):
            frames.setdefault(item.file, []).append((item.frame, index))
        return {file: tuple(index for _, index in sorted(found)) for file, found in frames.items()}


def stack_slices(series: Series) -> Stack:
    """Return the slices of ``series`` in the order of their positions, with their grid.

    Raises:
        FedkdError: GEOMETRY_INVALID for gaps, duplicates, tilt, mixed or missing orientations, sizes or spacings;
            INTENSITIES_INVALID without rescale to Hounsfield units; NOT_A_VOLUME; INPUT_UNREADABLE.
    """
    if len(series.slices) < 2:
        raise not_a_volume(series.where, "it has a single slice")
    for item in series.slices:
        _check_complete(item)
    _check_alike(series)
    row, column = _axes(series)
    normal = np.cross(row, column)
    positions = np.array([item.position_lps_mm for item in series.slices], float)
    order = np.argsort(positions @ normal, kind="stable")
    slices = tuple(series.slices[index] for index in order)
    distance = _check_regular(slices, positions[order], normal, series.where)
    rows, columns = slices[0].size_rows_columns or (0, 0)
    # DICOM gives the distance between rows first: that is the spacing along j.
    spacing_j, spacing_i = slices[0].pixel_spacing_mm or (0.0, 0.0)
    x, y, z = (float(value) for value in positions[order[0]])
    direction = tuple(float(value) for value in np.column_stack([row, column, normal]).ravel())
    grid = Grid((columns, rows, len(slices)), (spacing_i, spacing_j, distance), (x, y, z), direction)
    return Stack(slices, grid)


def _check_complete(item: SliceHeader) -> None:
    """Check that one slice says all that is needed."""
    if item.size_rows_columns is None:
        raise unreadable(item.file, "The DICOM file has no image.")
    if item.samples_per_pixel != 1:
        raise not_a_volume(item.file, "its pixels are colors")
    numbers = (item.position_lps_mm, item.orientation_lps, item.pixel_spacing_mm)
    if any(values is None or not np.isfinite(values).all() for values in numbers):
        raise bad_geometry(item.file, "The DICOM slice does not say where it lies (position, orientation, spacing).")
    if item.rescale is None or not np.isfinite(item.rescale).all() or item.rescale[0] == 0:
        raise _no_hounsfield(item, "has no rescale slope and intercept")
    if item.rescale_type not in _HOUNSFIELD_TYPES:
        raise _no_hounsfield(item, f"holds {item.rescale_type}, not Hounsfield units")


def _no_hounsfield(item: SliceHeader, found: str) -> FedkdError:
    return FedkdError(
        ExitCode.INTENSITIES_INVALID,
        f"The DICOM slice {found}.",
        where=item.file,
        what_to_do="Export the series in Hounsfield units (with RescaleSlope and RescaleIntercept).",
    )


def _check_alike(series: Series) -> None:
    first = series.slices[0]
    for item in series.slices[1:]:
        if item.size_rows_columns != first.size_rows_columns:
            raise bad_geometry(item.file, "The slices of the series differ in size.")
        if _differ(item.pixel_spacing_mm, first.pixel_spacing_mm, _SAME_SPACING_MM):
            raise bad_geometry(item.file, "The slices of the series differ in pixel spacing.")
        if _differ(item.orientation_lps, first.orientation_lps, _SAME_DIRECTION):
            raise bad_geometry(item.file, "The slices of the series differ in orientation.")
        if item.series.frame_of_reference_uid != first.series.frame_of_reference_uid:
            raise bad_geometry(item.file, "The slices of the series differ in their frame of reference.")
        if item.file == first.file and item.rescale != first.rescale:
            raise _no_hounsfield(item, "scales its frames differently, which is not supported")


def _differ(one: tuple[float, ...] | None, other: tuple[float, ...] | None, tolerance: float) -> bool:
    return bool(np.abs(np.subtract(one or (), other or ())).max() > tolerance)


def _axes(series: Series) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors along a row and along a column, at right angles."""
    values = np.array(series.slices[0].orientation_lps, float)
    row, column = values[:3], values[3:]
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    if np.abs(lengths - 1).max() > 1e-2 or abs(float(row @ column)) > _SAME_DIRECTION:
        raise bad_geometry(series.where, "The orientation of the slices is not valid (axes not at right angles).")
    row = row / lengths[0]
    column = column - (column @ row) * row
    return row, column / np.linalg.norm(column)


def _check_regular(slices: tuple[SliceHeader, ...], positions: FloatArray, normal: FloatArray, where: str) -> float:
    """Check that the sorted positions (n, 3) are evenly spaced along ``normal``; return their distance in mm."""
    along = (positions - positions[0]) @ normal
    steps = np.diff(along)
    if steps.min() < _DUPLICATE_MM:
        at = int(steps.argmin())
        raise bad_geometry(
            slices[at + 1].file,
            f"Two slices lie at the same place (the other is {slices[at].file.name}); "
            "the series may hold several phases or reconstructions.",
        )
    typical = float(np.median(steps))
    if steps.max() > 1.5 * typical:
        at = int(steps.argmax())
        raise bad_geometry(
            where,
            f"Slices are missing: {steps[at]:.2f} mm between {slices[at].file.name} and {slices[at + 1].file.name}, "
            f"{typical:.2f} mm elsewhere.",
        )
    distance = float(along[-1]) / len(steps)
    if np.abs(along - distance * np.arange(len(along))).max() > _JITTER * distance:
        raise bad_geometry(where, "The distance between slices varies.")
    sideways = np.linalg.norm(positions - positions[0] - along[:, None] * normal, axis=1)
    if sideways.max() > _SHEAR_MM:
        raise bad_geometry(where, f"The slices are shifted sideways by {sideways.max():.1f} mm (tilted gantry).")
    return distance
