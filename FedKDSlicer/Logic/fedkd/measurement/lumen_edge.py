"""Where the lumen ends along each ray: a closed path first, then its place between samples, then what was hidden.

Leaflets are dark sheets inside the lumen, calcium bright lumps in it or in its wall, and behind a wall of 1.5 mm lies
the next blood-filled chamber. So no threshold alone finds the edge. The path is the closed one with blood on its inner
side, none on its outer side, and as little darkness as possible between it and the middle: a thin leaflet with blood
behind it is crossed, for the edge at the wall is the better one; a wall with an atrium behind it is not crossed twice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fedkd.geometry import FloatArray
from fedkd.measurement.anchors import Anchors
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.rays import RAYS, STEP_MM, TISSUE_HU, WALL_HU, Booleans, Rays

# Depths looked at on either side of the path; a wall is hardly thinner than the outer one.
_INSIDE_MM = 2.0
_OUTSIDE_MM = 1.6
_STEEPEST_STEPS = 2  # how many samples the path may move from ray to ray
_BEND_COST = 0.15  # for each millimeter of such a move, in millimeters of misplaced tissue
_SMALLEST_RADIUS_MM = 4.0
_NEAR_PATH_MM = 1.6
# Behind the edge the wall's HU is looked for up to here, and from there on the next chamber's.
_BEHIND_MM = 2.4
_BEYOND_WALL_MM = 4.4
_NEIGHBOR_RAYS = 9
_TISSUE_LIMITS_HU = (WALL_HU, 140.0)
_FROM_KNOWN_MM = 3.0
# An ellipse leaves the circle through its hinge points, and a sinus widens, by so much; leaflets lie inward.
_FREELY_OUTWARD_MM = 1.5
_FEWEST_SEEN = 0.35  # part of the rays on which the edge must be seen

Ints = npt.NDArray[np.intp]


def closed_path(rays: Rays, known: Anchors) -> Ints:
    """Return for each ray the sample at which the lumen ends, by dynamic programming; ``known`` draw it near.

    The cost of ending at a sample is in millimeters of misplaced tissue: what is dark in the 2 mm inside, what is
    bright in the 1.6 mm outside, and what is dark on the whole way from the middle.
    """
    doubt = (0.5 - rays.likeness) * STEP_MM
    within, beyond = round(_INSIDE_MM / STEP_MM), round(_OUTSIDE_MM / STEP_MM)
    sums = np.cumsum(np.pad(doubt, ((0, 0), (within, beyond)), mode="edge"), axis=1)
    steps = doubt.shape[1]
    here = sums[:, within : within + steps]
    edge = (here - sums[:, :steps]) - (sums[:, within + beyond :] - here)
    cost = edge + np.cumsum(np.maximum(doubt, 0), axis=1)
    if len(known):
        away = np.arange(steps) * STEP_MM - known.interpolated_mm()[:, None]
        away = np.where(away > 0, np.maximum(away - _FREELY_OUTWARD_MM, 0), away)
        cost = cost + (away / _FROM_KNOWN_MM) ** 2 * STEP_MM
    cost[:, : round(_SMALLEST_RADIUS_MM / STEP_MM)] = 1e3
    return _cheapest_ring(cost.astype(np.float32))


def _cheapest_ring(cost: npt.NDArray[np.float32]) -> Ints:
    """Return the path through every ray that costs least; run around twice, so that its ends meet."""
    rays, steps = cost.shape
    moves = np.arange(-_STEEPEST_STEPS, _STEEPEST_STEPS + 1)
    bend = (_BEND_COST * np.abs(moves) * STEP_MM).astype(np.float32)[:, None]
    sources = np.arange(steps)[None, :] + moves[:, None] + _STEEPEST_STEPS
    total = np.full(steps + 2 * _STEEPEST_STEPS, 1e6, np.float32)
    total[_STEEPEST_STEPS:-_STEEPEST_STEPS] = 0
    came_from = np.empty((2 * rays, steps), np.intp)
    columns = np.arange(steps)
    for ray in range(2 * rays):
        candidates = total[sources] + bend
        best = candidates.argmin(axis=0)
        came_from[ray] = columns + moves[best]
        total[_STEEPEST_STEPS:-_STEEPEST_STEPS] = candidates[best, columns] + cost[ray % rays]
    path = np.empty(2 * rays, np.intp)
    path[-1] = total[_STEEPEST_STEPS:-_STEEPEST_STEPS].argmin()
    for ray in range(2 * rays - 1, 0, -1):
        path[ray - 1] = came_from[ray][path[ray]]
    middle = rays // 2
    return np.roll(path[middle : middle + rays], middle)


def edge_radius_mm(rays: Rays, path: Ints) -> tuple[FloatArray, Booleans]:
    """Return the radius at which HU falls through the threshold nearest to the path, and whether it was seen.

    Raises:
        NotMeasurable: the plane leaves the CT, the lumen is not closed, or its edge is seen on too few rays.
    """
    steps = rays.hu.shape[1]
    if path.max() >= steps - 2:
        raise NotMeasurable("The lumen is not closed in this plane.")
    columns = np.arange(steps)
    if np.isnan(np.where(columns <= path[:, None] + 2, rays.hu, 0)).any():
        raise NotMeasurable("The plane leaves the CT.")
    above = np.nan_to_num(rays.hu, nan=-1000.0) - _thresholds_hu(rays, path)[:, None]
    falls = (above[:, :-1] >= 0) & (above[:, 1:] < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = above[:, :-1] / (above[:, :-1] - above[:, 1:])
    radius = (columns[:-1] + np.where(falls, part, 0)) * STEP_MM
    on_path = (path + 0.5) * STEP_MM
    away = np.where(falls, np.abs(radius - on_path[:, None]), np.inf)
    nearest = away.argmin(axis=1)
    rows = np.arange(RAYS)
    seen = (away[rows, nearest] < _NEAR_PATH_MM) & ~rays.calcium[rows, nearest]
    if seen.mean() < _FEWEST_SEEN:
        raise NotMeasurable("The edge of the lumen is seen on too small a part of its contour.")
    return np.where(seen, radius[rows, nearest], on_path), seen


def _thresholds_hu(rays: Rays, path: Ints) -> FloatArray:
    """Return for each ray the HU midway between blood and the tissue behind the edge: a blurred edge's true place.

    Between two bloods a wall looks brighter than it is, so there it has the wall's usual HU; before fat it looks
    darker, so nothing counts that is darker than a wall.
    """
    columns = np.clip(path[:, None] + np.arange(1, round(_BEYOND_WALL_MM / STEP_MM) + 1), 0, rays.hu.shape[1] - 1)
    behind = ndimage.uniform_filter1d(np.nan_to_num(np.take_along_axis(rays.hu, columns, axis=1)), 3, axis=1)
    wall_steps = round(_BEHIND_MM / STEP_MM)
    bright_again = behind[:, wall_steps:].max(axis=1) > (rays.blood_hu + TISSUE_HU) / 2
    found = np.clip(behind[:, :wall_steps].min(axis=1), *_TISSUE_LIMITS_HU)
    tissue = ndimage.uniform_filter1d(np.where(bright_again, WALL_HU, found), _NEIGHBOR_RAYS, mode="wrap")
    return np.asarray((rays.blood_hu + tissue) / 2, float)
