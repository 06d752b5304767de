"""Random fields over the phantom's frame: the same patient has the same texture on every grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import ndimage

from fedkd.phantom.shapes import Floats, Points, Vector, unit

_CELLS = 24


class Pattern(Protocol):
    """A number at every point of the phantom's frame."""

    def at(self, points: Points) -> Floats:
        """Return the numbers at points of the phantom's frame."""


@dataclass(frozen=True)
class Texture:
    """Periodic smooth noise of zero mean and unit variance at its nodes, ``cell_mm`` apart."""

    nodes: Floats  # (24, 24, 24)
    cell_mm: float

    @classmethod
    def draw(cls, rng: np.random.Generator, cell_mm: float) -> Texture:
        """Draw the noise."""
        return cls(rng.standard_normal((_CELLS,) * 3, np.float32), cell_mm)

    def at(self, points: Points) -> Floats:
        """Return the noise at points of the phantom's frame (linear interpolation)."""
        where = np.stack([axis.ravel() for axis in points]) / np.float32(self.cell_mm)
        values = ndimage.map_coordinates(self.nodes, where, order=1, mode="grid-wrap", output=np.float32)
        return np.asarray(values.reshape(points[0].shape), np.float32)


@dataclass(frozen=True)
class Streams:
    """Bent layers of alternating sign, as contrast medium streams through unmixed blood."""

    wave_vector: Vector  # radians per mm
    bend: Texture

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Streams:
        """Draw layers 8 to 30 mm apart."""
        return cls(unit(rng.normal(size=3)) * rng.uniform(0.2, 0.8), Texture.draw(rng, 16.0))

    def at(self, points: Points) -> Floats:
        """Return the streams, -1..1."""
        kx, ky, kz = self.wave_vector.astype(np.float32)
        phase = kx * points[0] + ky * points[1] + kz * points[2]
        return np.asarray(np.sin(phase + 3 * self.bend.at(points)), np.float32)
