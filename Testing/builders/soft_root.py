"""A CT of an analytic root that takes a second to paint: blood with an edge as soft as a voxel, wall, fat, no leaflets.

The edge lies where the root's shape says, so contours have their truth; `fedkd.phantom.analytic.paint_ct` has leaflets
and calcium, too, and takes a minute.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.geometry import Grid
from fedkd.phantom.analytic import AnalyticRoot
from fedkd.volumes import CtSource, CtVolume

BLOOD_HU, TISSUE_HU, LUNG_HU = 400.0, 60.0, -850.0
LUNG_FROM_MM = 18.0
ROOT = AnalyticRoot(center_lps_mm=(5.0, -20.0, 600.0))
SPACING_MM = 0.9


def soft_ct(root: AnalyticRoot = ROOT, grid: Grid | None = None, noise_hu: float = 0.0) -> CtVolume:
    """Return the CT on ``grid``, by default an axial one of 0.9 mm that holds the whole root."""
    grid = grid or root.grid((SPACING_MM,) * 3)
    nx, ny, nz = grid.size_xyz
    k, j, i = np.meshgrid(np.arange(nz), np.arange(ny), np.arange(nx), indexing="ij")
    outside = root.outside_lumen_mm(grid.index_to_lps(np.stack([i, j, k], axis=-1)))
    hu = TISSUE_HU + (BLOOD_HU - TISSUE_HU) * np.clip(0.5 - outside / max(grid.spacing_mm), 0, 1)
    hu[outside > LUNG_FROM_MM] = LUNG_HU
    hu += np.random.default_rng(3).normal(0, noise_hu, hu.shape) if noise_hu else 0.0
    return volume_of(grid.to_image(np.rint(hu).astype(np.int16)))


def volume_of(image: sitk.Image) -> CtVolume:
    """Return an image as a CT that was read."""
    return CtVolume(image, CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))
