from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from fedkd.geometry import Grid, annulus_plane
from fedkd.measurement.catalog import KEYS
from fedkd.phantom.analytic import AnalyticRoot, Blob, Scan, paint_ct, section_truth, truth
from fedkd.phantom.analytic.aorta import BentAorta
from fedkd.phantom.shapes import rotation


def test_hinge_points_and_ostia_lie_on_the_wall_and_the_plane_is_theirs():
    root = AnalyticRoot(center_lps_mm=(5.0, -170.0, 600.0))
    points = root.landmarks_lps_mm()
    names = ("RCC", "LCC", "NCC")
    assert root.outside_lumen_mm([points[name] for name in (*names, "RCO", "LCO")]) == pytest.approx(0, abs=1e-3)
    plane = annulus_plane(*(points[name] for name in names))
    assert plane.normal_lps == pytest.approx(root.plane.normal_lps, abs=1e-4)


def test_annulus_is_an_exact_ellipse():
    root = AnalyticRoot()
    p, values = root.parameters, truth(root)
    assert values["annulus_area_mm2"] == pytest.approx(np.pi * p.annulus_diameter_mm**2 / 4, rel=1e-4)
    stretch = np.sqrt(p.annulus_ellipticity)
    assert values["annulus_diameter_max_mm"] == pytest.approx(p.annulus_diameter_mm * stretch, rel=1e-4)
    assert values["annulus_diameter_min_mm"] == pytest.approx(p.annulus_diameter_mm / stretch, rel=1e-4)


def test_truth_is_named_as_the_measurements():
    assert set(truth(AnalyticRoot())) <= set(KEYS)


def test_section_across_the_bent_aorta_is_a_circle():
    root = AnalyticRoot()
    center, across = (root.ascending.point(45.0), root.ascending.direction(45.0))
    turned = root.to_lps(across) - root.to_lps([0, 0, 0])
    outline = section_truth(root, replace(root.plane, center_lps_mm=root.to_lps(center), normal_lps=turned))
    wanted = float(root.ascending.radius_at_mm(np.array(45.0)))
    assert np.hypot(*outline.points_mm.T) == pytest.approx(wanted, abs=0.02)


def test_length_along_the_bent_aorta_is_found_again():
    aorta = BentAorta(21.0, 13.0, 14.0)
    along, away = aorta.along_and_away_mm(np.stack([aorta.point(length) for length in (10.0, 30.0, 48.0)]))
    assert along == pytest.approx([10, 30, 48], abs=1e-6)
    assert away == pytest.approx(0, abs=1e-6)


def test_partial_volume_adds_up_to_the_blob_in_oblique_voxels():
    plain = AnalyticRoot()
    blob = Blob(plain.at(0.3, 4.0, 30.0), 2.5, 1000.0, "rcc")
    grid = Grid.centered(blob.center_lps_mm, (24, 24, 16), 1.0)
    grid = replace(grid, spacing_mm=(0.6, 0.7, 1.0), origin_lps_mm=tuple(np.array(blob.center_lps_mm) - (7, 8, 7.5)))
    grid = grid.turned(rotation([1, 1, 0.5], 0.6))
    scan = Scan(noise_hu=0.0)
    without, with_blob = (
        sitk.GetArrayFromImage(paint_ct(root, grid, scan)).astype(float)
        for root in (plain, replace(plain, blobs=(blob,)))
    )
    volume = (with_blob - without).sum() / (blob.hu - plain.tissues.blood) * np.prod(grid.spacing_mm)
    assert volume == pytest.approx(blob.volume_mm3, rel=0.02)
    assert truth(replace(plain, blobs=(blob,)))["calcium_rcc_mm3"] == pytest.approx(blob.volume_mm3)
