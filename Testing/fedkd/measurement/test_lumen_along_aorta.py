from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from builders.analytic_roots import View, calcified_oblique, view_of
from fedkd.geometry import Grid, Plane
from fedkd.measurement.centerline import Lumen, Station, follow_lumen
from fedkd.measurement.outline import Outline
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_sizes import ascending_aorta, sinotubular_junction, sinus_diameters
from fedkd.measurement.section import Section
from fedkd.phantom.analytic import truth
from fedkd.volumes import resample_to_grid


@cache
def followed() -> tuple[View, Lumen]:
    scanned = calcified_oblique()
    view = view_of(scanned.ct, scanned.hinges_lps_mm)
    return view, follow_lumen(view.root, view.plane, view.blood, scanned.hinges_lps_mm)


def test_junction_sinuses_and_ascending_aorta():
    scanned = calcified_oblique()
    view, lumen = followed()
    wanted = truth(scanned.root)
    junction = sinotubular_junction(view.root, lumen, view.plane, view.blood)
    assert junction.height_mm == pytest.approx(wanted["stj_height_mm"], abs=1.5)
    assert junction.diameter_mm == pytest.approx(wanted["stj_diameter_mm"], abs=0.5)
    for cusp, sinus in zip(
        ("rcc", "lcc", "ncc"), sinus_diameters(lumen, junction.along_mm, scanned.hinges_lps_mm), strict=True
    ):
        assert sinus.diameter_mm == pytest.approx(wanted[f"sinus_{cusp}_diameter_mm"], abs=0.5), cusp
        drawn = np.linalg.norm(sinus.wall_lps_mm - sinus.commissure_lps_mm)
        assert drawn == pytest.approx(sinus.diameter_mm, abs=0.7)
    found = ascending_aorta(lumen).diameter_area_mm
    assert found == pytest.approx(wanted["ascending_aorta_diameter_mm"], abs=0.5)


def test_centerline_stays_in_the_middle_and_its_heights_are_lengths():
    scanned = calcified_oblique()
    _, lumen = followed()
    heights = np.array([point.height_mm for point in lumen.points])
    positions = np.array([point.position_lps_mm for point in lumen.points])
    assert np.all(np.diff(heights) > 0)
    assert np.linalg.norm(np.diff(positions, axis=0), axis=1) == pytest.approx(np.diff(heights), abs=0.35)
    _, away = scanned.root.ascending.along_and_away_mm(scanned.root.to_root(positions[heights > 22]))
    assert away.max() < 0.6


def test_where_the_ct_ends_the_centerline_ends_and_the_rest_are_reasons():
    scanned = calcified_oblique()
    low = scanned.hinges_lps_mm.mean(axis=0) + 5 * scanned.root.plane.normal_lps
    short = resample_to_grid(scanned.ct, Grid.centered(low, (80, 80, 46), 1.0))
    view = view_of(short, scanned.hinges_lps_mm)
    lumen = follow_lumen(view.root, view.plane, view.blood, scanned.hinges_lps_mm)
    assert lumen.stations[-1].height_mm < 40
    with pytest.raises(NotMeasurable, match="40 mm"):
        ascending_aorta(lumen)
    with pytest.raises(NotMeasurable, match="ends before"):
        sinotubular_junction(view.root, lumen, view.plane, view.blood)


def tube(radius_mm: float) -> Lumen:
    angles = np.arange(100) * 2 * np.pi / 100
    outline = Outline(radius_mm * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    planes = [Plane(np.array([0.0, 0.0, height]), np.array([0.0, 0.0, 1.0])) for height in range(51)]
    return Lumen(tuple(Station(plane.center_lps_mm[2], plane, Section.of(plane, outline)) for plane in planes))


def test_a_tube_without_narrowing_has_no_junction():
    view, _ = followed()
    with pytest.raises(NotMeasurable, match="does not narrow"):
        sinotubular_junction(view.root, tube(14.0), view.plane, view.blood)


def test_hinge_points_on_one_side_are_a_reason_or_a_number_never_an_exception():
    _, lumen = followed()
    hinges = calcified_oblique().hinges_lps_mm
    for strange in (hinges[[0, 0, 0]], hinges[[0, 1, 1]], hinges[[0, 2, 1]], hinges + 500.0):
        try:
            diameters = sinus_diameters(lumen, 21.0, strange)
        except NotMeasurable:
            continue
        assert all(15 < sinus.diameter_mm < 45 for sinus in diameters)
