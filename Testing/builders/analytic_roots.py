"""Scans of roots whose shape is known exactly, painted once for all tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import SimpleITK as sitk

from fedkd.geometry import FloatArray, Plane, annulus_plane
from fedkd.measurement.blood import Blood, measure_blood
from fedkd.measurement.root_ct import RootCt
from fedkd.phantom.analytic import AnalyticRoot, Scan, paint_ct
from fedkd.phantom.analytic.cases import with_calcium
from fedkd.phantom.shapes import rotation


@dataclass(frozen=True)
class ScannedRoot:
    """A CT and what is known about the root in it."""

    root: AnalyticRoot
    ct: sitk.Image

    @property
    def hinges_lps_mm(self) -> FloatArray:
        landmarks = self.root.landmarks_lps_mm()
        return np.array([landmarks[name] for name in ("RCC", "LCC", "NCC")])


@dataclass(frozen=True)
class View:
    """What measuring functions take."""

    root: RootCt
    plane: Plane
    blood: Blood


@cache
def calcified_oblique() -> ScannedRoot:
    """Return a calcified root with leaflets in oblique voxels of 0.7 x 0.7 x 1 mm, 30 HU of noise."""
    root = with_calcium(AnalyticRoot(center_lps_mm=(10.0, -180.0, 640.0)))
    grid = root.grid((0.7, 0.7, 1.0), rotation([0.3, 1.0, 0.2], 0.4))
    return ScannedRoot(root, paint_ct(root, grid, Scan(seed=5)))


def view_of(image: sitk.Image, hinges_lps_mm: FloatArray) -> View:
    """Return what measuring functions take, from a CT and hinge points."""
    plane = annulus_plane(*hinges_lps_mm)
    root = RootCt.around(image, hinges_lps_mm.mean(axis=0))
    return View(root, plane, measure_blood(root, plane))
