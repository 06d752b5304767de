"""Roots and scans on which the accuracy of the measurements is judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import SimpleITK as sitk

from fedkd.geometry import FloatArray
from fedkd.phantom.analytic.root import CLOSED_LEAFLETS, STANDARD_PARAMETERS, AnalyticRoot, Blob, Tissues
from fedkd.phantom.analytic.scan import Scan, paint_ct
from fedkd.phantom.parameters import RootParameters
from fedkd.phantom.shapes import rotation


@dataclass(frozen=True)
class AccuracyCase:
    """A root, the voxels it is scanned with, and how their grid is turned (3x3, LPS; None: along the patient)."""

    name: str
    root: AnalyticRoot
    spacing_mm: tuple[float, float, float]
    turn_lps: FloatArray | None = None
    scan: Scan = field(default_factory=Scan)

    def ct(self) -> sitk.Image:
        """Return the CT."""
        return paint_ct(self.root, self.root.grid(self.spacing_mm, self.turn_lps), self.scan)


def accuracy_cases() -> tuple[AccuracyCase, ...]:
    """Return the cases: plain, oblique and calcified, tilted and large, low in contrast with an open valve, small."""
    large = _sized(30.0, annulus_ellipticity=1.4, axis=np.array([-0.35, -0.4, 0.85]), outflow_ellipticity=1.6)
    small = _sized(20.0, annulus_ellipticity=1.12, axis=np.array([-0.8, 0.1, 0.6]), annulus_major_azimuth=1.6)
    open_leaflets = replace(CLOSED_LEAFLETS, is_open=True)
    return (
        AccuracyCase("plain", AnalyticRoot(), (0.45, 0.45, 0.625)),
        AccuracyCase(
            "calcified, oblique voxels",
            with_calcium(AnalyticRoot(center_lps_mm=(12.0, -180.0, 600.0))),
            (0.45, 0.45, 0.625),
            rotation([0.3, 1.0, 0.2], 0.4),
            Scan(seed=1),
        ),
        AccuracyCase(
            "large, calcified, thick slices", with_calcium(AnalyticRoot(large)), (0.7, 0.7, 1.0), scan=Scan(seed=2)
        ),
        AccuracyCase(
            "open valve, 250 HU",
            AnalyticRoot(
                tissues=Tissues(blood=250, left_atrium=230, right_atrium=170, muscle=110), leaflets=open_leaflets
            ),
            (0.7, 0.7, 1.0),
            rotation([1.0, 0.2, 0.1], -0.3),
            Scan(seed=3),
        ),
        AccuracyCase("small", AnalyticRoot(small), (0.45, 0.45, 0.625), scan=Scan(seed=4)),
    )


def with_calcium(root: AnalyticRoot) -> AnalyticRoot:
    """Return the root with calcium on each leaflet, one of it at the annulus, and below the left cusp."""
    p = root.parameters
    rcc, lcc, ncc = p.hinge_azimuths
    below_left = float(root.shape.inner_radius_mm([lcc + 0.3], [-4.0])[0])
    blobs = (
        Blob(root.on_leaflet(rcc + 0.2, 0.4), 2.2, 900.0, "rcc"),
        Blob(root.on_leaflet(lcc - 0.3, 0.3), 2.8, 1000.0, "lcc"),
        Blob(root.on_leaflet(ncc, 0.5), 3.0, 1100.0, "ncc"),
        Blob(root.at(ncc + 0.25, root.parameters.annulus_diameter_mm / 2 - 2.2, 2.2), 1.9, 900.0, "ncc"),
        Blob(root.at(lcc + 0.3, below_left, -4.0), 2.0, 950.0, "lvot"),
    )
    return replace(root, blobs=blobs)


def midway_case() -> AccuracyCase:
    """Return a root with lumps of calcium of 1300 HU, each wholly in blood of 400 HU and in one part of the root.

    850 HU lies midway between the two. There a flat edge stays where it was when it is blurred, so that a threshold
    finds the calcium's own volume. A curved one moves inward by blur^2 / radius: here the lumps seem 5 to 8 % smaller,
    those of half the radius would seem 20 to 30 % smaller.
    """
    root = AnalyticRoot(center_lps_mm=(-8.0, -150.0, 320.0), leaflets=None)
    rcc, lcc, ncc = root.parameters.hinge_azimuths
    blobs = (
        # Beside the commissures, the ends of the lumps one to three degrees from them: there cusps are mistaken.
        Blob(root.at(rcc + 0.55, 8.0, 9.0), 3.2, 1300.0, "rcc"),
        Blob(root.at(lcc + 0.5, 7.5, 8.0), 3.4, 1300.0, "lcc"),
        Blob(root.at(ncc + 0.5, 8.5, 11.0), 3.8, 1300.0, "ncc"),
        Blob(root.at(lcc + 0.3, 5.0, -5.0), 3.2, 1300.0, "lvot"),
    )
    turn = rotation([0.2, -0.4, 1.0], 0.5)
    return AccuracyCase(
        "calcium's own volume, threshold midway", replace(root, blobs=blobs), (0.45, 0.45, 0.625), turn, Scan(seed=6)
    )


def _sized(annulus_diameter_mm: float, **changes: object) -> RootParameters:
    """Return the standard root, scaled to this annulus, with some parameters changed."""
    p, scale = STANDARD_PARAMETERS, annulus_diameter_mm / STANDARD_PARAMETERS.annulus_diameter_mm
    scaled = replace(
        p,
        annulus_diameter_mm=annulus_diameter_mm,
        commissure_height_mm=p.commissure_height_mm * scale,
        junction_height_mm=p.junction_height_mm * scale,
        junction_radius_mm=p.junction_radius_mm * scale,
        sinus_bulge_mm=tuple(bulge * scale for bulge in p.sinus_bulge_mm),  # type: ignore[arg-type]
    )
    return replace(scaled, **changes)  # type: ignore[arg-type]
