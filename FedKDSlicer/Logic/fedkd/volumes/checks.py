"""Is this a CT of a patient, in Hounsfield units, in a geometry one can trust?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import FloatArray, Grid
from fedkd.volumes.pixel_stream import Int16Array
from fedkd.volumes.refusals import bad_geometry, unreadable

BoolArray = npt.NDArray[np.bool_]

# Above 5 mm the aortic root is a handful of slices; below 0.1 mm a header most likely uses another unit.
MAX_SPACING_MM = 5.0
MIN_SPACING_MM = 0.1
# The aortic root with both ostia does not fit into less.
MIN_EXTENT_MM = 40.0
# Four times 512 x 512 x 1500 voxels: a header that claims more is wrong, and memory would not do.
MAX_VOXELS = 1_600_000_000
_RIGHT_ANGLE_TOLERANCE = 1e-3

AIR_HU = (-1500, -500)
SOFT_TISSUE_HU = (-200, 300)
# Even a chest CT with a wide margin of air around the patient has far more.
_LEAST_SOFT_TISSUE = 0.01
# Below air lies only the one value that fills voxels outside the scan, above dense bone only some metal.
_MOST_OFF_SCALE = 0.002
_DENSEST_HU = 4000


def check_axes(grid: Grid, where: object) -> None:
    """Check that the grid is one at all: size, spacing, direction.

    Raises:
        FedkdError: GEOMETRY_INVALID, or INPUT_UNREADABLE when the header claims an absurd size.
    """
    if np.prod(grid.size_xyz, dtype=np.float64) > MAX_VOXELS:
        size = " x ".join(map(str, grid.size_xyz))
        raise unreadable(where, f"The header claims {size} voxels, more than any CT.")
    spacing = np.array(grid.spacing_mm)
    if not np.isfinite(spacing).all() or not (spacing > 0).all():
        raise bad_geometry(where, f"The voxel size is not valid ({_shown(spacing)} mm).")
    direction = np.array(grid.direction).reshape(3, 3)
    orthogonal = np.abs(direction.T @ direction - np.eye(3)).max() < _RIGHT_ANGLE_TOLERANCE
    if not orthogonal or not np.isfinite(grid.origin_lps_mm).all():
        raise bad_geometry(where, "The orientation of the volume is not valid (axes not at right angles).")


def check_coverage(grid: Grid, where: object) -> None:
    """Check that an aortic root can be seen in the volume: voxels small enough, space large enough.

    Raises:
        FedkdError: GEOMETRY_INVALID.
    """
    spacing = np.array(grid.spacing_mm)
    shown = _shown(spacing)
    if spacing.min() < MIN_SPACING_MM:
        raise bad_geometry(where, f"The voxels are implausibly small ({shown} mm); the unit of length may be wrong.")
    if spacing.max() > MAX_SPACING_MM * (1 + 1e-6):
        raise FedkdError(
            ExitCode.GEOMETRY_INVALID,
            f"The slices are too thick for the aortic root ({shown} mm).",
            where=where,
            what_to_do=f"Give a reconstruction with slices of at most {MAX_SPACING_MM:g} mm, best 1 mm or thinner.",
        )
    extent = spacing * grid.size_xyz
    if extent.min() < MIN_EXTENT_MM:
        raise FedkdError(
            ExitCode.GEOMETRY_INVALID,
            f"The volume is too small to hold an aortic root ({_shown(np.round(extent))} mm).",
            where=where,
            what_to_do=f"Give a CT that covers at least {MIN_EXTENT_MM:g} mm in every direction.",
        )


def _shown(lengths: FloatArray) -> str:
    return " x ".join(f"{length:g}" for length in lengths)


def check_intensities(volume_hu: Int16Array, where: object) -> None:
    """Check that the values (axes ``zyx``) are Hounsfield units of a patient.

    Raises:
        FedkdError: INTENSITIES_INVALID, saying what was found and what it looks like.
    """
    lowest, highest = int(volume_hu.min()), int(volume_hu.max())
    if not any(_between(plane, AIR_HU).any() for plane in volume_hu):
        raise _not_hounsfield(lowest, highest, f"no air or lung ({AIR_HU[0]} to {AIR_HU[1]} HU)", where)
    soft = sum(int(np.count_nonzero(_between(plane, SOFT_TISSUE_HU))) for plane in volume_hu)
    if soft < _LEAST_SOFT_TISSUE * volume_hu.size:
        found = f"hardly any soft tissue ({SOFT_TISSUE_HU[0]} to {SOFT_TISSUE_HU[1]} HU)"
        raise _not_hounsfield(lowest, highest, found, where)
    off_scale = sum(int(np.count_nonzero(_is_off_scale(plane, lowest))) for plane in volume_hu)
    if off_scale > _MOST_OFF_SCALE * volume_hu.size:
        raise _not_hounsfield(lowest, highest, f"too many below {AIR_HU[0]} or above {_DENSEST_HU}", where)


def _is_off_scale(plane_hu: Int16Array, padding_hu: int) -> BoolArray:
    return ((plane_hu < AIR_HU[0]) & (plane_hu != padding_hu)) | (plane_hu > _DENSEST_HU)


def _between(plane_hu: Int16Array, limits_hu: tuple[int, int]) -> BoolArray:
    return (plane_hu >= limits_hu[0]) & (plane_hu <= limits_hu[1])


def _not_hounsfield(lowest: int, highest: int, found: str, where: object) -> FedkdError:
    return FedkdError(
        ExitCode.INTENSITIES_INVALID,
        f"The values are not Hounsfield units: they run from {lowest} to {highest}, with {found}; "
        f"{_looks_like(lowest, highest)}.",
        where=where,
        what_to_do="Export the CT in Hounsfield units (air -1000, water 0), neither shifted, scaled nor windowed.",
    )


def _looks_like(lowest: int, highest: int) -> str:
    if lowest == highest:
        return "the volume is blank"
    if highest <= 1 or (lowest >= -20 and highest <= 20):
        return "they look normalized, as for a neural network"
    if lowest >= 0 and highest <= 255:
        return "they look windowed to gray values"
    if lowest >= 0:
        return "they look like unsigned CT values (1000 or 1024 added), or like MR"
    return "they look shifted, scaled or windowed"
