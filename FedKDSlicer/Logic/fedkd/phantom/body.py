"""Where the patient lies, and how this patient differs from the plain anatomy: pose and smooth warp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.phantom.shapes import Points, Vector, rotation, unit

_WAVES = 10
_INVERSE_STEPS = 60


@dataclass(frozen=True)
class Warp:
    """A sum of sine waves that moves points of the phantom's frame smoothly.

    Args:
        wave_vectors: (n, 3), radians per mm.
        amplitudes_mm: (n, 3), displacement of each wave.
        phases: (n,), radians.
    """

    wave_vectors: Vector
    amplitudes_mm: Vector
    phases: Vector

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Warp:
        """Draw a warp of some millimeters; its longest waves move most, so that folds cannot occur."""
        strength_mm = rng.uniform(0.3, 1.0) * 5.5
        lengths_mm = rng.uniform(45, 160, _WAVES)
        directions = rng.normal(size=(_WAVES, 3))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        amplitudes = rng.normal(size=(_WAVES, 3)) * (strength_mm * lengths_mm / 100 / np.sqrt(_WAVES))[:, None]
        warp = cls((2 * np.pi / lengths_mm)[:, None] * directions, amplitudes, rng.uniform(0, 2 * np.pi, _WAVES))
        # A bound on the stretch over all points; the stretch met is about a third of it, below 1, where it inverts.
        stretch = float(np.sum(np.linalg.norm(amplitudes, axis=1) * 2 * np.pi / lengths_mm))
        return warp if stretch < 1.6 else warp.scaled(1.6 / stretch)

    def scaled(self, factor: float) -> Warp:
        """Return the warp with all displacements multiplied."""
        return Warp(self.wave_vectors, self.amplitudes_mm * factor, self.phases)

    def displacement_mm(self, points_mm: npt.ArrayLike) -> Vector:
        """Return the displacement, shape (..., 3), at points of shape (..., 3)."""
        p = np.asarray(points_mm, float)
        return np.asarray(np.sin(p @ self.wave_vectors.T + self.phases) @ self.amplitudes_mm, float)

    def forward(self, points_mm: npt.ArrayLike) -> Vector:
        """Move points of the patient to the plain anatomy."""
        p = np.asarray(points_mm, float)
        return p + self.displacement_mm(p)

    def inverse(self, points_mm: npt.ArrayLike) -> Vector:
        """Move points of the plain anatomy to the patient: solves ``forward(x) = points`` by fixed point steps."""
        target = np.asarray(points_mm, float)
        x = target.copy()
        for _ in range(_INVERSE_STEPS):
            x = target - self.displacement_mm(x)
        return x


@dataclass(frozen=True)
class Body:
    """Pose and warp of one patient: maps LPS mm to the phantom's frame and back.

    The phantom's frame has its axes roughly along LPS and its origin in the middle of the annulus.
    """

    turn: Vector  # 3x3; from LPS offsets to the phantom's frame
    annulus_lps_mm: Vector
    warp: Warp

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Body:
        """Draw a pose some degrees off, somewhere in the scanner, and a warp."""
        turn = rotation(unit(rng.normal(size=3)), np.deg2rad(rng.normal(0, 9)))
        center = rng.normal(0, [15, 25, 150])
        return cls(turn, center, Warp.draw(rng))

    def to_phantom(self, lps_mm: npt.ArrayLike) -> Vector:
        """Map LPS mm, shape (..., 3), to the phantom's frame."""
        return self.warp.forward((np.asarray(lps_mm, float) - self.annulus_lps_mm) @ self.turn.T)

    def to_lps(self, phantom_mm: npt.ArrayLike) -> Vector:
        """Map points of the phantom's frame, shape (..., 3), to LPS mm."""
        return self.warp.inverse(phantom_mm) @ self.turn + self.annulus_lps_mm

    def box_to_lps(self, low_mm: Vector, high_mm: Vector) -> Vector:
        """Return the 8 corners, LPS mm, of a box that holds all of the phantom's box in the patient."""
        reach = np.abs(self.warp.amplitudes_mm).sum(axis=0)
        ends = np.stack([low_mm - reach, high_mm + reach], axis=1)
        corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
        return corners @ self.turn + self.annulus_lps_mm


def as_points(array: npt.ArrayLike) -> Points:
    """Split an array of shape (..., 3) into three float32 arrays."""
    a = np.asarray(array, np.float32)
    return a[..., 0].copy(), a[..., 1].copy(), a[..., 2].copy()
