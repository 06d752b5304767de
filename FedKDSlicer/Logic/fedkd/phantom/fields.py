"""Fields of view: which part of the patient a phantom shows, and on which grid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fedkd.geometry import Grid
from fedkd.phantom.body import Body
from fedkd.phantom.shapes import Vector, rotation, unit

Range = tuple[float, float]


class Field(StrEnum):
    """The four kinds of phantoms."""

    CLINICAL = "clinical"  # what a user brings: sub-millimeter, heart or chest
    ROOT = "root"  # crops around the root for the fine network
    WIDE = "wide"  # the whole trunk, coarse, for the network that finds the heart
    ABDOMEN = "abdomen"  # no heart in view


@dataclass(frozen=True)
class FieldOfView:
    """Ranges that a grid is drawn from; ``center_mm`` is relative to the annulus, in the phantom's frame."""

    in_plane_mm: Range
    slice_mm: Range
    width_mm: Range
    depth_mm: Range
    height_mm: Range
    center_mm: tuple[Range, Range, Range]
    oblique_part: float = 0.0


_ROOT_SPACING_MM = (1.0, 1.0)
_ROOT_SIZE_MM = (100.0, 100.0)
_HEART = ((-22.0, 22.0), (0.0, 28.0), (-40.0, 25.0))
_TRUNK = ((-25.0, 15.0), (0.0, 35.0))

# One of a field's presets is drawn by its weight.
PRESETS: dict[Field, tuple[tuple[float, FieldOfView], ...]] = {
    Field.ROOT: (
        (
            1.0,
            FieldOfView(
                _ROOT_SPACING_MM,
                _ROOT_SPACING_MM,
                _ROOT_SIZE_MM,
                _ROOT_SIZE_MM,
                _ROOT_SIZE_MM,
                ((0.0, 0.0),) * 3,
            ),
        ),
    ),
    Field.WIDE: (
        (0.40, FieldOfView((4, 4), (4, 4), (340, 420), (280, 340), (220, 380), (*_TRUNK, (-70, 60)))),
        (0.30, FieldOfView((4, 4), (4, 4), (180, 250), (180, 250), (120, 200), _HEART)),
        (0.30, FieldOfView((4, 4), (4, 4), (340, 420), (280, 340), (400, 500), (*_TRUNK, (-170, -20)))),
    ),
    Field.ABDOMEN: ((1.0, FieldOfView((4, 4), (4, 4), (320, 420), (260, 340), (180, 340), (*_TRUNK, (0, 0)))),),
    Field.CLINICAL: (
        (0.7, FieldOfView((0.6, 0.8), (0.5, 1.0), (180, 230), (180, 230), (140, 180), _HEART, 0.1)),
        (0.3, FieldOfView((0.7, 1.0), (0.8, 1.5), (280, 330), (260, 330), (180, 260), (*_TRUNK, (-40, 40)), 0.1)),
    ),
}
ROOT_JITTER_MM = 8.0
# The lowest point of a heart, and more than the warp and the pose can move it.
_BELOW_HEART_MM = -135.0


def draw_grid(rng: np.random.Generator, field: Field, body: Body, root_middle: Vector) -> Grid:
    """Draw a grid, axes along LPS except for a few oblique ones.

    Args:
        root_middle: middle of the root in the phantom's frame, mm.
    """
    presets = PRESETS[field]
    weights = np.array([weight for weight, _ in presets])
    view = presets[int(rng.choice(len(presets), p=weights / weights.sum()))][1]
    in_plane, slice_mm = rng.uniform(*view.in_plane_mm), rng.uniform(*view.slice_mm)
    extents = np.array([rng.uniform(*view.width_mm), rng.uniform(*view.depth_mm), rng.uniform(*view.height_mm)])
    spacing = np.array([in_plane, in_plane, slice_mm])
    size = np.rint(extents / spacing).astype(int)
    center = np.array([rng.uniform(*limits) for limits in view.center_mm])
    if field is Field.ROOT:
        center = root_middle + unit(rng.normal(size=3)) * ROOT_JITTER_MM * rng.uniform() ** (1 / 3)
    if field is Field.ABDOMEN:
        center[2] = _BELOW_HEART_MM - rng.uniform(0, 90) - extents[2] / 2
    turn = np.eye(3)
    if rng.uniform() < view.oblique_part:
        turn = rotation(rng.normal(size=3), np.deg2rad(rng.uniform(2, 15)))
    middle = body.annulus_lps_mm + center @ body.turn
    origin = middle - turn @ ((size - 1) * spacing / 2)
    return Grid(
        (int(size[0]), int(size[1]), int(size[2])),
        (float(spacing[0]), float(spacing[1]), float(spacing[2])),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        tuple(float(v) for v in turn.ravel()),
    )
