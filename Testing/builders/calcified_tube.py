"""A CT of a straight root with calcium, blurred by formula: quick, and exact wherever a ball lies in one tissue."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import SimpleITK as sitk
from scipy.optimize import brentq
from scipy.special import erf, ndtr

from fedkd.geometry import FloatArray, Grid, Plane

BLUR_MM = 0.5
WALL_MM = 2.0
JUNCTION_MM = 20.0
HINGE_DEGREES = {"RCC": 0.0, "LCC": 118.0, "NCC": 245.0}
ANNULUS_RADIUS_MM = 12.0
_HEIGHTS_MM = (-30.0, -12.0, 0.0, 9.0, 20.0, 26.0, 60.0)
_RADII_MM = (11.0, 11.0, ANNULUS_RADIUS_MM, 15.5, 13.0, 14.0, 14.0)


@dataclass(frozen=True)
class Ball:
    """A ball of even brightness; place in degrees, mm from the axis, mm above the annulus."""

    degrees: float
    away_mm: float
    height_mm: float
    radius_mm: float
    hu: float

    @property
    def volume_mm3(self) -> float:
        return 4 / 3 * np.pi * self.radius_mm**3

    def seen_mm3(self, blood_hu: float, threshold_hu: float, blur_mm: float = BLUR_MM) -> float:
        """The volume above a threshold once the ball in blood has been blurred: what any reader would count."""
        level = (threshold_hu - blood_hu) / (self.hu - blood_hu)
        edge = brentq(lambda r: blurred_ball(np.array([r]), self.radius_mm, blur_mm)[0] - level, 0.05, 20.0)
        return 4 / 3 * np.pi * edge**3


def blurred_ball(away_mm: FloatArray, radius_mm: float, blur_mm: float) -> FloatArray:
    """Convolution of a unit ball with a Gaussian, at a distance from its middle."""
    r, s = np.maximum(away_mm, 1e-3), blur_mm
    inner, outer = (radius_mm - r) / s, (radius_mm + r) / s
    bell = np.exp(-(inner**2) / 2) - np.exp(-(outer**2) / 2)
    return (erf(inner / 2**0.5) + erf(outer / 2**0.5)) / 2 - s / (r * (2 * np.pi) ** 0.5) * bell


@dataclass(frozen=True)
class CalcifiedTube:
    """``axis_lps`` points to the aorta; ``coronary``: a bright tube leaves at LCC, 12 mm up; balls cover tissue."""

    balls: tuple[Ball, ...] = ()
    center_lps_mm: tuple[float, float, float] = (12.0, -30.0, 50.0)
    axis_lps: tuple[float, float, float] = (-0.63, -0.17, 0.72)
    blood_hu: float = 400.0
    noise_hu: float = 25.0
    coronary: bool = True
    outflow_hu: float | None = field(default=None)

    @property
    def axes_lps(self) -> FloatArray:
        """Rows: toward RCC's hinge point, across, along the axis."""
        along = np.array(self.axis_lps) / np.linalg.norm(self.axis_lps)
        first = np.cross(along, (0.0, 1.0, 0.0))
        first /= np.linalg.norm(first)
        return np.stack([first, np.cross(along, first), along])

    @property
    def plane(self) -> Plane:
        return Plane(np.array(self.center_lps_mm), self.axes_lps[2])

    @property
    def hinges_lps_mm(self) -> FloatArray:
        return np.stack([self.at(degrees, ANNULUS_RADIUS_MM, 0.0) for degrees in HINGE_DEGREES.values()])

    def at(self, degrees: float, away_mm: float, height_mm: float) -> FloatArray:
        angle = np.deg2rad(degrees)
        return [away_mm * np.cos(angle), away_mm * np.sin(angle), height_mm] @ self.axes_lps + self.center_lps_mm

    def grid(self, spacing_mm: tuple[float, float, float] = (0.8, 0.8, 0.9), turn: FloatArray | None = None) -> Grid:
        """A grid from the outflow tract to 36 mm above the annulus."""
        half = np.array([30.0, 30.0, 32.0])
        size = np.ceil(2 * half / spacing_mm).astype(int)
        middle = self.at(0.0, 0.0, 10.0)
        origin = middle - (size - 1) * spacing_mm / 2
        grid = Grid((int(size[0]), int(size[1]), int(size[2])), spacing_mm, tuple(origin.tolist()))
        return grid if turn is None else grid.turned(turn)

    def paint(self, grid: Grid) -> sitk.Image:
        size = grid.size_xyz
        k, j, i = np.meshgrid(*(np.arange(n) for n in size[::-1]), indexing="ij")
        points = grid.index_to_lps(np.stack([i, j, k], axis=-1))
        x, y, h = np.moveaxis((points - self.center_lps_mm) @ self.axes_lps.T, -1, 0)
        away = np.hypot(x, y)
        inside = np.interp(h, _HEIGHTS_MM, _RADII_MM) - away
        blood = np.where(h < 0, self.outflow_hu or self.blood_hu, self.blood_hu)
        hu = -80 + 140 * ndtr((inside + WALL_MM) / BLUR_MM) + (blood - 60) * ndtr(inside / BLUR_MM)
        if self.coronary:
            angle = np.deg2rad(HINGE_DEGREES["LCC"])
            outward, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
            bore = ndtr((1.8 - np.hypot(across, h - 12.0)) / BLUR_MM) * (outward > 0)
            hu = hu + (self.blood_hu - hu) * bore
        for ball in self.balls:
            distance = np.linalg.norm(points - self.at(ball.degrees, ball.away_mm, ball.height_mm), axis=-1)
            near = distance < ball.radius_mm + 6 * BLUR_MM
            hu[near] += (ball.hu - hu[near]) * blurred_ball(distance[near], ball.radius_mm, BLUR_MM)
        hu += np.random.default_rng(3).standard_normal(hu.shape) * self.noise_hu
        return grid.to_image(np.rint(np.clip(hu, -1024, 3071)).astype(np.int16))
