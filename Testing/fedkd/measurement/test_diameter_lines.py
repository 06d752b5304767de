"""The diameters that are drawn are those that are measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.geometry import Plane
from fedkd.measurement.outline import Outline, plane_axes
from fedkd.measurement.section import Section

unhurried = settings(deadline=None)  # busy machines are no failures


def ellipse(long_mm: float, short_mm: float, turn: float) -> Outline:
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    flat = np.stack([long_mm * np.cos(angle), short_mm * np.sin(angle)], axis=1) / 2
    return Outline(flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


@unhurried
@given(st.floats(24, 30), st.floats(16, 22), st.floats(0, 2 * np.pi), st.tuples(*[st.floats(-1, 1)] * 3))
def test_they_are_as_long_as_measured_lie_in_the_plane_and_end_on_the_contour(long_mm, short_mm, turn, normal):
    length = float(np.linalg.norm(normal))
    if length < 0.1:
        return
    plane = Plane(np.array([10.0, -20.0, 600.0]), np.array(normal) / length)
    section = Section.of(plane, ellipse(long_mm, short_mm, turn))
    smallest, largest = section.diameter_lines("Annulus")
    assert (smallest.name, largest.name) == ("Annulus minimum diameter", "Annulus maximum diameter")
    for line, measured_mm in ((smallest, section.diameter_min_mm), (largest, section.diameter_max_mm)):
        assert np.linalg.norm(line.end_lps_mm - line.start_lps_mm) == pytest.approx(measured_mm)
        for end in (line.start_lps_mm, line.end_lps_mm):
            assert plane.signed_distance_mm(end) == pytest.approx(0, abs=1e-6)
            assert np.linalg.norm(section.contour_lps_mm - end, axis=1).min() < 0.4
    across = (largest.end_lps_mm - largest.start_lps_mm) @ (smallest.end_lps_mm - smallest.start_lps_mm)
    assert across == pytest.approx(0, abs=0.02 * long_mm * short_mm)


def test_a_contour_away_from_the_planes_center_keeps_its_diameters_in_place():
    plane = Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    section = Section.of(plane, Outline(ellipse(24, 20, 0.3).points_mm + (5.0, 3.0)))
    _, largest = section.diameter_lines("LVOT")
    middle = (largest.start_lps_mm + largest.end_lps_mm) / 2
    np.testing.assert_allclose(middle, np.array([5.0, 3.0]) @ np.stack(plane_axes(plane)), atol=0.1)
