"""From class probabilities to points with sub-voxel accuracy and a confidence. Absent classes stay absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize

from fedkd.geometry import FloatArray, Grid

ProbabilityMap = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Decoding:
    """How maps become points.

    Args:
        ball_radius_mm: radius of the balls that the network was taught.
        peak: a class whose probability nowhere reaches this is absent.
        floor: voxels below this probability are no part of the ball.
        smallest_share: a component with less than this share of a ball's volume is absent, too.
    """

    ball_radius_mm: float
    peak: float = 0.35
    floor: float = 0.2
    smallest_share: float = 0.1


@dataclass(frozen=True)
class Located:
    """A landmark in a map. ``confidence`` 0..1: how much the component looks like one whole, certain ball."""

    position_lps_mm: FloatArray
    confidence: float


def locate(probabilities: ProbabilityMap, names: tuple[str, ...], grid: Grid, decoding: Decoding) -> dict[str, Located]:
    """Return the landmarks that a head's class probabilities show.

    Args:
        probabilities: (channels, z, y, x), softmax over channels; channel 0 is background.
        names: the landmark of each channel from 1 on.
        grid: the grid of the map.
        decoding: how maps become points.

    Returns:
        Landmark name to location. A name whose class is absent is absent here; no other name takes its place.
    """
    located = {}
    for channel, name in enumerate(names, start=1):
        found = _locate_one(probabilities[channel], grid, decoding)
        if found is not None:
            located[name] = found
    return undo_overlap(located, decoding.ball_radius_mm)


def _locate_one(probability: ProbabilityMap, grid: Grid, decoding: Decoding) -> Located | None:
    if float(probability.max()) < decoding.peak:
        return None
    # Almost all of a whole CT is below the floor: the rest of the work is on the box around what is not.
    (box,) = ndimage.find_objects((probability >= decoding.floor).astype(np.uint8))
    probability = probability[box]
    components, count = ndimage.label(probability >= decoding.floor)
    labels = np.arange(1, count + 1)
    masses = np.asarray(ndimage.sum_labels(probability, components, labels))
    peaks = np.asarray(ndimage.maximum(probability, components, labels))
    # A large faint smear must not hide a small certain ball.
    best = int(np.argmax(np.where(peaks >= decoding.peak, masses, 0.0)))
    ball_mm3 = 4 / 3 * np.pi * decoding.ball_radius_mm**3
    share = float(masses[best]) * float(np.prod(grid.spacing_mm)) / ball_mm3
    if share < decoding.smallest_share:
        return None
    center_in_box = ndimage.center_of_mass(probability, components, best + 1)
    center_zyx = np.array([side.start for side in box]) + center_in_box
    alone = float(masses[best] / masses.sum())
    # Half a ball is enough for full confidence: a touching neighbor takes up to the other half.
    confidence = float(peaks[best]) * alone * min(1.0, share / 0.5)
    return Located(grid.index_to_lps(center_zyx[::-1]), float(np.clip(confidence, 0, 1)))


def overlap_shift_mm(distance_mm: float, radius_mm: float) -> float:
    """How far the centroid of a ball moves outward when its neighbor at ``distance_mm`` takes half the overlap.

    Two balls of equal radius ``r`` are cut at the plane halfway, at ``h = distance / 2`` from each center. What
    remains of a ball is ``-r <= t <= h`` along the axis; its first moment is ``pi (r^2 - h^2)^2 / 4`` away from
    the neighbor and its volume ``pi (r^2 h - h^3 / 3 + 2 r^3 / 3)``.
    """
    h = min(distance_mm / 2, radius_mm)
    return (radius_mm**2 - h**2) ** 2 / (4 * (radius_mm**2 * h - h**3 / 3 + 2 * radius_mm**3 / 3))


def undo_overlap(located: Mapping[str, Located], radius_mm: float) -> dict[str, Located]:
    """Move the points of touching balls back together.

    Labels of points closer than two radii are cut where they meet (``training.labels.paint_balls``), so the
    centroids lie too far apart: for a septum of 3 mm by almost 2 mm, enough to change its risk band.
    """
    corrected = dict(located)
    for first, second in _touching_pairs(located, radius_mm):
        a, b = located[first].position_lps_mm, located[second].position_lps_mm
        measured = float(np.linalg.norm(b - a))
        middle, axis = (a + b) / 2, (b - a) / measured
        half = _true_distance_mm(measured, radius_mm) / 2
        corrected[first] = replace(located[first], position_lps_mm=middle - half * axis)
        corrected[second] = replace(located[second], position_lps_mm=middle + half * axis)
    return corrected


def _touching_pairs(located: Mapping[str, Located], radius_mm: float) -> list[tuple[str, str]]:
    """Pairs of points that touch each other and nothing else: for those the formula holds."""
    names = list(located)
    close = [
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if 0 < np.linalg.norm(located[a].position_lps_mm - located[b].position_lps_mm) < 2 * radius_mm
    ]
    return [pair for pair in close if all(pair == other or not set(pair) & set(other) for other in close)]


def _true_distance_mm(measured_mm: float, radius_mm: float) -> float:
    def apart(distance_mm: float) -> float:
        return distance_mm + 2 * overlap_shift_mm(distance_mm, radius_mm) - measured_mm

    if apart(0.0) >= 0:
        # Even points on one spot would be measured this far apart.
        return 0.0
    return float(optimize.brentq(apart, 0.0, 2 * radius_mm))
