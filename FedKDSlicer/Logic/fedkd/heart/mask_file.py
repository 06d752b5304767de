"""Where the heart is, from mask files on any grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fedkd.geometry import FloatArray, Grid
from fedkd.heart.given_file import GivenFile
from fedkd.heart.label_names import heart_labels
from fedkd.heart.mask_points import MarkedVoxels, marked_voxels
from fedkd.heart.region import HeartRegion
from fedkd.volumes import CtVolume

# Small children's hearts are larger; a whole thorax or body is far more.
MIN_HEART_ML = 50.0
MAX_HEART_ML = 3000.0
# This much of it must lie in the CT, or mask and CT are not of one patient position.
MIN_SHARE_IN_CT = 0.25
_MASK = GivenFile("The heart mask", "Give a mask of the whole heart made on this CT, or leave the mask out.")


def region_from_mask_file(path: Path, ct: CtVolume) -> HeartRegion:
    """Return where a mask file says the heart is.

    Args:
        path: NIfTI, NRRD or MetaImage on any grid; labels above 0 are heart, or those that the file names so.
        ct: the CT that the mask belongs to.

    Raises:
        FedkdError: INPUT_NOT_FOUND; HEART_MASK_INVALID when the file cannot be read as a mask, marks nothing or an
            implausible volume, or lies outside the CT.
    """
    path = Path(path)
    return region_of_marked([marked_in_file(path)], ct, path, f"mask file {path.name}")


def marked_in_file(path: Path) -> MarkedVoxels:
    """Return the voxels that a mask file marks as heart; none when it marks nothing.

    Raises:
        FedkdError: INPUT_NOT_FOUND; HEART_MASK_INVALID when the file cannot be read as a mask.
    """
    return marked_voxels(_MASK.read(path), heart_labels(path))


def region_of_marked(parts: Sequence[MarkedVoxels], ct: CtVolume, where: Path, source: str) -> HeartRegion:
    """Return the region of the parts of a heart together, as far as they lie in the CT.

    Raises:
        FedkdError: HEART_MASK_INVALID when they are empty, too small, too large, or outside the CT.
    """
    volume_ml = sum(part.volume_ml for part in parts)
    _check_volume(volume_ml, where)
    inside = [_inside(part.points_lps_mm(), ct.grid) for part in parts]
    inside_ml = sum(len(points) * part.voxel_ml for points, part in zip(inside, parts, strict=True))
    if inside_ml < MIN_SHARE_IN_CT * volume_ml:
        raise _MASK.refusal(where, "The heart mask lies outside the CT, or nearly so.")
    return HeartRegion.around(np.concatenate(inside), source)


def _check_volume(volume_ml: float, where: Path) -> None:
    if volume_ml == 0:
        raise _MASK.refusal(where, "The heart mask is empty.")
    if not MIN_HEART_ML <= volume_ml <= MAX_HEART_ML:
        plausible = f"{MIN_HEART_ML:.0f} to {MAX_HEART_ML:.0f} ml"
        raise _MASK.refusal(where, f"The heart mask marks {volume_ml:.0f} ml, which is no heart ({plausible}).")


def _inside(points_lps_mm: FloatArray, grid: Grid) -> FloatArray:
    index = grid.lps_to_index(points_lps_mm)
    return points_lps_mm[np.all((index >= -0.5) & (index <= np.array(grid.size_xyz) - 0.5), axis=1)]
