"""What the scanner adds: blur, thick slices, noise, streaks, shading."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

from fedkd.geometry import Grid
from fedkd.phantom.shapes import Floats

LOWEST_HU, HIGHEST_HU = -1024, 3071  # 12 bit, as scanners store them


@dataclass(frozen=True)
class Acquisition:
    """Settings of one scan. Voxel-based numbers are in voxels along z, y, x."""

    blur_mm: tuple[float, float, float]
    thick_slices: int
    noise_hu: float
    noise_correlation_voxels: float
    streak_hu: float
    streak_center_mm: tuple[float, float]
    streak_orders: tuple[int, ...]
    streak_phases: tuple[float, ...]
    streak_weights: tuple[float, ...]
    shading: tuple[float, float]


def draw_acquisition(rng: np.random.Generator) -> Acquisition:
    """Draw a scan. Noise 4 to 60 HU: coronary CT shows 67 SD 26 unprocessed, 53 denoised (ClariCT)."""
    uniform = rng.uniform
    blur = uniform(0.15, 0.8, 3) if uniform() < 0.7 else uniform(0.4, 1.6, 3)
    streaks = uniform() < 0.25
    shaded = uniform() < 0.3
    return Acquisition(
        blur_mm=(float(blur[0]), float(blur[1]), float(blur[2])),
        thick_slices=int(rng.integers(2, 4)) if uniform() < 0.25 else 1,
        noise_hu=float(np.exp(uniform(np.log(4), np.log(60)))),
        noise_correlation_voxels=uniform(0, 1.1),
        streak_hu=uniform(5, 30) if streaks else 0.0,
        streak_center_mm=(rng.normal(0, 30), rng.normal(0, 30)),
        streak_orders=tuple(int(n) for n in rng.integers(2, 14, 6)),
        streak_phases=tuple(float(a) for a in uniform(0, 2 * np.pi, 6)),
        streak_weights=tuple(float(w) for w in rng.normal(size=6)),
        shading=(uniform(-0.08, 0.08), uniform(-0.08, 0.08)) if shaded else (0.0, 0.0),
    )


def acquire(hu: Floats, grid: Grid, scan: Acquisition, rng: np.random.Generator) -> np.ndarray:
    """Return the scanned volume, int16 zyx in HU; ``hu`` is the painted one, zyx, and is used up."""
    sigmas = [blur / spacing for blur, spacing in zip(scan.blur_mm, grid.spacing_mm[::-1], strict=True)]
    for axis, sigma in enumerate(sigmas):
        if sigma > 0.2:
            ndimage.gaussian_filter1d(hu, sigma, axis=axis, output=hu, truncate=3)
    if scan.thick_slices > 1:
        hu = _thick_slices(hu, scan.thick_slices)
    hu += _noise(hu.shape, scan, rng)
    x, y = _middle_offsets_mm(grid)
    if scan.streak_hu:
        hu += _streaks(x, y, scan)
    if any(scan.shading):
        hu *= (1 + scan.shading[0] * x / 60 * _fade(x) + scan.shading[1] * y / 60 * _fade(y)).astype(np.float32)
    np.clip(hu, LOWEST_HU, HIGHEST_HU, out=hu)
    return np.rint(hu, out=hu).astype(np.int16)


def _thick_slices(hu: Floats, count: int) -> Floats:
    """Average ``count`` slices, keep one of them, and interpolate the others."""
    thick = ndimage.uniform_filter1d(hu, count, axis=0)[::count]
    where = np.minimum(np.arange(hu.shape[0]) / count, len(thick) - 1)
    low = np.minimum(where.astype(int), max(len(thick) - 2, 0))
    part = (where - low).astype(np.float32)[:, None, None]
    return np.asarray(thick[low] * (1 - part) + thick[np.minimum(low + 1, len(thick) - 1)] * part, np.float32)


def _noise(shape: tuple[int, ...], scan: Acquisition, rng: np.random.Generator) -> Floats:
    noise = rng.standard_normal(shape, np.float32)
    if scan.noise_correlation_voxels > 0.25:
        noise = ndimage.gaussian_filter(noise, scan.noise_correlation_voxels, truncate=3)
        noise /= noise.std()
    return noise * np.float32(scan.noise_hu)


def _middle_offsets_mm(grid: Grid) -> tuple[Floats, Floats]:
    """Return in-plane offsets from the image's middle, shapes (1, 1, nx) and (1, ny, 1)."""
    x = (np.arange(grid.size_xyz[0]) - (grid.size_xyz[0] - 1) / 2) * grid.spacing_mm[0]
    y = (np.arange(grid.size_xyz[1]) - (grid.size_xyz[1] - 1) / 2) * grid.spacing_mm[1]
    return x.astype(np.float32)[None, None, :], y.astype(np.float32)[None, :, None]


def _fade(offset_mm: Floats) -> Floats:
    return np.asarray(60 / np.maximum(np.abs(offset_mm), 60), np.float32)


def _streaks(x: Floats, y: Floats, scan: Acquisition) -> Floats:
    dx, dy = x - np.float32(scan.streak_center_mm[0]), y - np.float32(scan.streak_center_mm[1])
    angle = np.arctan2(dy, dx)
    fan = np.zeros_like(angle)
    for order, phase, weight in zip(scan.streak_orders, scan.streak_phases, scan.streak_weights, strict=True):
        fan += np.float32(weight) * np.cos(np.float32(order) * angle + np.float32(phase))
    return np.asarray(np.float32(scan.streak_hu) * fan * np.exp(-np.hypot(dx, dy) / 60), np.float32)


def as_numbers(scan: Acquisition) -> dict[str, object]:
    """Return the settings for a case's description."""
    return asdict(scan)
