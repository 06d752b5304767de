"""What differs between patients: the numbers of one aortic root, and the distributions they are drawn from.

Means and spreads follow published CT measurements, named at each draw; the spreads are somewhat wider than
published, because a network trained on phantoms has to meet roots beyond the usual.
Angles are azimuths in radians in the root frame (see root_shape), lengths millimeters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fedkd.phantom.shapes import Vector


@dataclass(frozen=True)
class AnnulusSize:
    """How wide annuli are, over many patients."""

    mean_mm: float
    sd_mm: float


USUAL_ANNULUS = AnnulusSize(24.6, 3.0)


@dataclass(frozen=True)
class RootParameters:
    """One aortic root. Triples are ordered RCC, LCC, NCC; pairs RCO, LCO; commissures RCC-LCC, LCC-NCC, NCC-RCC."""

    axis: Vector  # from the ventricle to the aorta, in the phantom's frame
    annulus_diameter_mm: float
    annulus_ellipticity: float
    annulus_major_azimuth: float
    hinge_azimuths: tuple[float, float, float]
    commissure_azimuths: tuple[float, float, float]
    commissure_height_mm: float
    junction_height_mm: float
    junction_radius_mm: float
    sinus_bulge_mm: tuple[float, float, float]
    outflow_ellipticity: float
    outflow_scale: float
    wall_mm: float
    ostium_azimuths: tuple[float, float]
    ostium_heights_mm: tuple[float, float]
    septum_azimuth: float
    septum_top_mm: float
    septum_bottom_mm: float


def draw_root(rng: np.random.Generator, annulus: AnnulusSize = USUAL_ANNULUS) -> RootParameters:
    """Draw one root of a population with such annuli.

    Sources: annulus diameter 22.7 (women) and 25.5 (men), n=506, Sheba; 25.7 SD 3.4 in the study's labels.
    Ellipticity annulus 1.29 SD 0.1, outflow tract 1.49 SD 0.2 (n=177, PubMed 23347864). Junction to annulus
    1.11 SD 0.10, dilated 1.58 (Jelenc 2024). Commissure height 0.75 diameters (public landmark set, n=148).
    Axis: the same set and aortic angle 49 SD 9 degrees (n=4022, PubMed 34090956).
    """
    normal, uniform = rng.normal, rng.uniform
    axis = np.array([-0.63, -0.17, 0.72]) + normal(0, 0.15, 3)
    diameter = float(np.clip(normal(annulus.mean_mm, annulus.sd_mm), 18, 33))
    hinges, commissures = _draw_cusps(rng)
    height = float(np.clip(normal(0.75, 0.08), 0.55, 0.95)) * diameter
    junction = height + uniform(1, 6)
    ostium_azimuths, ostium_heights = _draw_ostia(rng, hinges, diameter, junction)
    septum_azimuth, septum_top, septum_bottom = _draw_septum(rng, commissures, diameter)
    bulge = np.clip(normal(0.36, 0.11, 3), 0.08, 0.7) * diameter / 2
    return RootParameters(
        axis=axis,
        annulus_diameter_mm=diameter,
        annulus_ellipticity=float(np.clip(normal(1.27, 0.11), 1.02, 1.6)),
        annulus_major_azimuth=float(np.deg2rad(normal(65, 20))),
        hinge_azimuths=hinges,
        commissure_azimuths=commissures,
        commissure_height_mm=height,
        junction_height_mm=junction,
        junction_radius_mm=diameter / 2 * float(np.clip(normal(1.15, 0.13), 0.9, 1.6)),
        sinus_bulge_mm=(float(bulge[0]), float(bulge[1]), float(bulge[2])),
        outflow_ellipticity=float(np.clip(normal(1.45, 0.18), 1.05, 1.9)),
        outflow_scale=uniform(0.9, 1.1),
        wall_mm=uniform(1.2, 2.4),
        ostium_azimuths=ostium_azimuths,
        ostium_heights_mm=ostium_heights,
        septum_azimuth=septum_azimuth,
        septum_top_mm=septum_top,
        septum_bottom_mm=septum_bottom,
    )


def _draw_cusps(rng: np.random.Generator) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Hinge gaps RCC-LCC 118, LCC-NCC 127, NCC-RCC 115 degrees, SD 8 to 14 (digitized from the study)."""
    gaps = np.array([117.0, 129.0, 114.0]) + rng.normal(0, 9, 3)
    gaps = np.deg2rad(gaps * 360 / gaps.sum())
    right = float(np.deg2rad(rng.normal(20, 25)))
    hinges = (right, right + float(gaps[0]), right + float(gaps[0] + gaps[1]))
    parts = rng.uniform(0.44, 0.56, 3)
    commissures = tuple(float(h + g * part) for h, g, part in zip(hinges, gaps, parts, strict=True))
    return hinges, (commissures[0], commissures[1], commissures[2])


def _draw_ostia(
    rng: np.random.Generator, hinges: tuple[float, float, float], diameter_mm: float, junction_mm: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Heights: right 16.8 SD 3.6, left 14.4 SD 3.6 (PubMed 23347864), growing with the annulus.

    Azimuths: right about 15 degrees toward the NCC, left about mid-sinus (n>1000, G. Tang).
    """
    growth = 0.6 + 0.4 * diameter_mm / 24.5
    azimuths, heights = [], []
    for hinge, height, spread, offset in zip(hinges[:2], (16.8, 14.4), (3.4, 3.2), (-15.0, 5.0), strict=True):
        azimuths.append(hinge + float(np.deg2rad(rng.normal(offset, 13))))
        drawn = float(np.clip(rng.normal(height, spread), 7, 28)) * growth
        heights.append(min(drawn, junction_mm + 1.0))  # beyond the junction the tube takes over from this model
    return (azimuths[0], azimuths[1]), (heights[0], heights[1])


def _draw_septum(
    rng: np.random.Generator, commissures: tuple[float, float, float], diameter_mm: float
) -> tuple[float, float, float]:
    """Below the NCC-RCC commissure, some millimeters toward the NCC.

    Lengths: 3.7 (IQR 2.2-5.1, INTERSECT, n=1811) to 7.9 SD 2.0 (the study's labels): protocols differ, so the draw
    spans both.
    """
    to_ncc = (rng.normal(6.0, 3.0) + rng.normal(0, 0.8)) / (diameter_mm / 2)
    azimuth = commissures[2] - float(np.clip(to_ncc, -0.3, 0.8))  # the nadir of the NCC is some 1.0 rad away
    top = rng.normal(-0.5, 2.0)
    length = float(np.clip(np.exp(rng.normal(np.log(6.0), 0.4)), 1.5, 12))
    return float(azimuth), float(top), float(top - length)
