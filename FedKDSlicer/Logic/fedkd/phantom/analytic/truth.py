"""The measurements of an analytic root, computed from its surface, not from any CT.

The annulus is an ellipse: area pi d^2 / 4. Every other section is sampled finely on the exact surface: 2880 rays
from the middle of the section, the wall on each found by bisection, so that areas are exact to 1e-4.
"""

from __future__ import annotations

import numpy as np

from fedkd.geometry import FloatArray, Plane, hinge_circle_diameter_mm
from fedkd.measurement.outline import Outline, plane_axes
from fedkd.phantom.analytic.root import AnalyticRoot

_RAYS = 2880
_BESIDE_RAD = 1e-4  # on the border itself the shape's rounding may see no cusp
_OUTFLOW_BELOW_MM = 4.0
_AORTA_ABOVE_MM = 40.0
_C_ARM_STEP_DEG = 0.01


def section_truth(root: AnalyticRoot, plane: Plane, reach_mm: float = 40.0) -> Outline:
    """Return the exact outline of the lumen in a plane whose center lies in the lumen.

    Rays that meet the wall several times take the first meeting.
    """
    angles = np.arange(_RAYS) * 2 * np.pi / _RAYS
    first, second = plane_axes(plane)
    rays = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    steps = np.linspace(0, reach_mm, 161)
    outside = root.outside_lumen_mm(plane.center_lps_mm + rays[:, None, :] * steps[:, None]) > 0
    if not outside.any(axis=1).all():
        raise ValueError("the lumen is not closed in this plane")
    high = steps[np.argmax(outside, axis=1)]
    low = high - steps[1]
    for _ in range(20):
        middle = (low + high) / 2
        is_out = root.outside_lumen_mm(plane.center_lps_mm + rays * middle[:, None]) > 0
        low, high = np.where(is_out, low, middle), np.where(is_out, middle, high)
    radius = (low + high) / 2
    return Outline(np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1))


def truth(root: AnalyticRoot) -> dict[str, float]:
    """Return what can be known without a CT, by the catalog's keys."""
    points = {name: np.array(point) for name, point in root.landmarks_lps_mm().items()}
    values = {
        "hinge_circle_diameter_mm": hinge_circle_diameter_mm(points["RCC"], points["LCC"], points["NCC"]),
        "rco_height_mm": root.plane.signed_distance_mm(points["RCO"]),
        "lco_height_mm": root.plane.signed_distance_mm(points["LCO"]),
        "rco_wall_height_mm": _wall_height_mm(root, 0),
        "lco_wall_height_mm": _wall_height_mm(root, 1),
        "septum_length_mm": float(np.linalg.norm(points["MS1"] - points["MS2"])),
        "ms1_to_plane_mm": root.plane.signed_distance_mm(points["MS1"]),
        "ms2_to_plane_mm": root.plane.signed_distance_mm(points["MS2"]),
        "aortic_angulation_deg": float(np.degrees(np.arccos(abs(root.plane.normal_lps[2])))),
        "lumen_mean_hu": root.tissues.blood,
    }
    values |= _c_arm_views_deg(root.plane, points)
    below = Plane(root.plane.center_lps_mm - _OUTFLOW_BELOW_MM * root.plane.normal_lps, root.plane.normal_lps)
    values |= _sizes("annulus", section_truth(root, root.plane))
    values |= _sizes("lvot", section_truth(root, below))
    sinuses = _sinus_diameters_mm(root)
    values |= {f"sinus_{cusp}_diameter_mm": d for cusp, d in zip(("rcc", "lcc", "ncc"), sinuses, strict=True)}
    values["sinus_mean_diameter_mm"] = float(np.mean(sinuses))
    values["stj_height_mm"] = root.parameters.junction_height_mm
    values["stj_diameter_mm"] = 2 * root.parameters.junction_radius_mm
    values["ascending_aorta_diameter_mm"] = 2 * float(root.ascending.radius_at_mm(np.array(_AORTA_ABOVE_MM)))
    volumes = {part: sum(b.volume_mm3 for b in root.blobs if b.part == part) for part in ("rcc", "lcc", "ncc", "lvot")}
    values |= {f"calcium_{part}_mm3": float(volume) for part, volume in volumes.items()}
    values["calcium_total_mm3"] = float(sum(volumes.values()))
    return values


def _c_arm_views_deg(plane: Plane, points_lps_mm: dict[str, FloatArray]) -> dict[str, float]:
    """Return the two C-arm views, found as an operator would: the annulus is kept on edge while the C-arm turns.

    Where the hinge points then lie side by side in the picture tells which view is reached.
    """
    lao = np.radians(np.arange(-90, 90, _C_ARM_STEP_DEG))
    x, y, z = plane.normal_lps
    cranial = np.arctan((y * np.cos(lao) - x * np.sin(lao)) / z)
    to_detector = np.stack([np.sin(lao) * np.cos(cranial), -np.cos(lao) * np.cos(cranial), np.sin(cranial)], axis=1)
    across_picture = np.cross(to_detector, plane.normal_lps)
    rcc, lcc, ncc = (across_picture @ points_lps_mm[name] for name in ("RCC", "LCC", "NCC"))
    views = {}
    for name, apart_mm in (("three_cusp", rcc - (lcc + ncc) / 2), ("cusp_overlap", rcc - lcc)):
        reached = int(np.abs(apart_mm).argmin())
        views[f"{name}_lao_deg"] = float(np.degrees(lao[reached]))
        views[f"{name}_cranial_deg"] = float(np.degrees(cranial[reached]))
    return views


def _sizes(prefix: str, outline: Outline) -> dict[str, float]:
    return {
        f"{prefix}_area_mm2": outline.area_mm2,
        f"{prefix}_perimeter_mm": outline.perimeter_mm,
        f"{prefix}_diameter_min_mm": outline.diameter_min_mm,
        f"{prefix}_diameter_max_mm": outline.diameter_max_mm,
        f"{prefix}_diameter_area_mm": 2 * float(np.sqrt(outline.area_mm2 / np.pi)),
        f"{prefix}_diameter_perimeter_mm": outline.perimeter_mm / np.pi,
        f"{prefix}_eccentricity": 1 - outline.diameter_min_mm / outline.diameter_max_mm,
    }


def _wall_height_mm(root: AnalyticRoot, ostium: int) -> float:
    """Return the length of the wall from the annulus straight up to an ostium."""
    p = root.parameters
    heights = np.linspace(0, p.ostium_heights_mm[ostium], 4001)
    radius = root.shape.inner_radius_mm(np.full(4001, p.ostium_azimuths[ostium]), heights).astype(float)
    return float(np.hypot(np.diff(heights), np.diff(radius)).sum())


def _sinus_diameters_mm(root: AnalyticRoot) -> tuple[float, float, float]:
    """Return for each cusp the widest distance, over all heights, from the opposite commissure to the sinus' wall."""
    p, shape = root.parameters, root.shape
    heights = np.linspace(0, p.junction_height_mm, 211)
    widest = []
    for cusp, opposite in enumerate((1, 2, 0)):  # commissures are RCC-LCC, LCC-NCC, NCC-RCC
        azimuth = np.linspace(
            p.commissure_azimuths[cusp - 1], p.commissure_azimuths[cusp] + 2 * np.pi * (cusp == 0), 241
        )
        sinus = _wall(shape.inner_radius_mm(azimuth[None, :], heights[:, None]), azimuth[None, :])
        commissure = np.full((len(heights), 1), p.commissure_azimuths[opposite] + _BESIDE_RAD)
        start = _wall(shape.inner_radius_mm(commissure, heights[:, None]), commissure)
        widest.append(float(np.linalg.norm(sinus - start, axis=-1).max()))
    return widest[0], widest[1], widest[2]


def _wall(radius_mm: np.ndarray, azimuth: np.ndarray) -> FloatArray:
    return np.stack([radius_mm * np.cos(azimuth), radius_mm * np.sin(azimuth)], axis=-1)
