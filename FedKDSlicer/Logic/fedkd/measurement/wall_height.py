"""How high a coronary ostium lies above the annulus plane along the wall of its sinus.

In the half-plane that holds the root's axis and the ostium, the wall is the line r(h): its distance from the axis at
each height. A ray across the lumen meets the leaflet first and the wall behind it, so every place where blood ends is
a candidate, and the shortest way through candidates from the ostium down to the annulus plane is the wall: a leaflet
is left by a jump, and jumps are long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fedkd.geometry import FloatArray
from fedkd.measurement.blood import Blood
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.section import Section

_TISSUE_HU = 50.0  # of wall and leaflets
_ROW_MM = 0.5
_ALONG_RAY_MM = 0.25
_BEYOND_OSTIUM_MM = 10.0  # a sinus bulges out further than its ostium
_LARGEST_RADIUS_MM = 40.0
_HIGHEST_MM = 60.0  # no ostium lies higher: a misplaced point
# Where a branch leaves, no ray meets a wall; ostia are up to 5 mm wide, and more when cut at an angle.
_LARGEST_GAP_MM = 6.0
_SMOOTHING_MM = 0.5  # or the noise of the edge would lengthen the way
_ON_AXIS_MM = 1.0


@dataclass(frozen=True)
class _Node:
    """A place on the way: the best way from the ostium to it is ``length_mm`` and came over ``before``."""

    row: int
    radius_mm: float
    length_mm: float
    before: _Node | None = None


def height_along_wall_mm(root: RootCt, blood: Blood, annulus: Section, ostium_lps_mm: npt.ArrayLike) -> float:
    """Return the length of the sinus' wall from the annulus plane to the ostium, in the half-plane of axis and ostium.

    Args:
        root: the CT around the root.
        blood: brightness of its blood.
        annulus: the lumen in the annulus plane: the axis goes through its middle, the wall begins at its contour.
        ostium_lps_mm: shape (3,).

    Raises:
        NotMeasurable: the ostium is not above the plane or on the axis, or the wall cannot be followed.
    """
    plane = annulus.plane
    offset = np.asarray(ostium_lps_mm, float) - plane.center_lps_mm
    height = float(offset @ plane.normal_lps)
    outward = offset - height * plane.normal_lps
    radius = float(np.linalg.norm(outward))
    if height <= 0:
        raise NotMeasurable("The ostium does not lie above the annulus plane.")
    if height > _HIGHEST_MM or radius > _LARGEST_RADIUS_MM:
        raise NotMeasurable("The ostium lies too far from the annulus.")
    if radius < _ON_AXIS_MM:
        raise NotMeasurable("The ostium lies on the axis of the root, so no wall leads to it.")
    rows = max(2, math.ceil(height / _ROW_MM)) + 1
    heights = np.linspace(0.0, height, rows)
    radii = np.arange(0.0, radius + _BEYOND_OSTIUM_MM, _ALONG_RAY_MM)
    points = plane.center_lps_mm + heights[:, None, None] * plane.normal_lps + radii[None, :, None] * (outward / radius)
    level_hu = (blood.mean_hu + _TISSUE_HU) / 2
    candidates = [_ends_of_blood(row, level_hu) for row in root.sample(points)]
    candidates[0] = np.array([_contour_radius_mm(annulus, outward / radius)])
    profile = _wall(candidates, radius, float(heights[1]))
    return _length_mm(heights, profile)


def _contour_radius_mm(annulus: Section, outward_lps: FloatArray) -> float:
    """Return how far the contour lies from its middle in a direction of its plane."""
    aside = np.cross(annulus.plane.normal_lps, outward_lps)
    offsets = annulus.contour_lps_mm - annulus.plane.center_lps_mm
    along = offsets @ outward_lps
    turned = np.arctan2(offsets @ aside, along)
    return float(np.interp(0.0, turned, np.hypot(along, offsets @ aside), period=2 * np.pi))


def _ends_of_blood(values_hu: npt.NDArray[np.float32], level_hu: float) -> FloatArray:
    """Return the radii at which the values along a ray fall below the level, between samples."""
    inside, after = values_hu[:-1], values_hu[1:]
    first = np.flatnonzero((inside >= level_hu) & (after < level_hu))
    part = (inside[first] - level_hu) / (inside[first] - after[first])
    return np.asarray((first + part) * _ALONG_RAY_MM, float)


def _wall(candidates: list[FloatArray], ostium_radius_mm: float, row_mm: float) -> FloatArray:
    """Return r at every row: the shortest way from the ostium, in the last row, to the first."""
    nodes = [_Node(len(candidates) - 1, ostium_radius_mm, 0.0)]
    for row in range(len(candidates) - 2, -1, -1):
        nodes += [_best_way(nodes, row, float(radius), row_mm) for radius in candidates[row]]
        nodes = [node for node in nodes if (node.row - row + 1) * row_mm < _LARGEST_GAP_MM]
        if not nodes and row > 0:
            raise NotMeasurable("The wall of the sinus cannot be followed from the ostium to the annulus plane.")
    end: _Node | None = nodes[-1]  # the contour of the annulus
    rows, radii = [], []
    while end is not None:
        rows.append(end.row)
        radii.append(end.radius_mm)
        end = end.before
    if len(rows) < 3:
        raise NotMeasurable("The wall of the sinus cannot be seen below the ostium.")
    return np.interp(np.arange(len(candidates)), rows, radii)


def _best_way(nodes: list[_Node], row: int, radius_mm: float, row_mm: float) -> _Node:
    def length(node: _Node) -> float:
        down = (node.row - row) * row_mm
        missed = down - row_mm  # rows without a wall count twice, or a chord would cut the sinus short
        return node.length_mm + math.hypot(down, node.radius_mm - radius_mm) + missed

    above = [node for node in nodes if node.row > row]
    best = min(above, key=length)
    return _Node(row, radius_mm, length(best), best)


def _length_mm(heights_mm: FloatArray, radii_mm: FloatArray) -> float:
    rows = _SMOOTHING_MM / float(heights_mm[1])
    ends = min(math.ceil(4 * rows), len(radii_mm) - 1)
    straight_on = np.pad(radii_mm, ends, mode="reflect", reflect_type="odd")
    smooth = ndimage.gaussian_filter1d(straight_on, rows)[ends:-ends]
    return float(np.hypot(np.diff(heights_mm), np.diff(smooth)).sum())
