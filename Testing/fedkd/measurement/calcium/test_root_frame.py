"""Sectors of the root: each hinge point lies in its own, and turning the patient turns them along."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from fedkd.anatomy import CALCIFIED_PART_LABELS
from fedkd.geometry import annulus_plane
from fedkd.measurement.calcium import RootFrame
from fedkd.measurement.quantity import NotMeasurable

gaps = st.tuples(*[st.floats(70.0, 170.0)] * 2).filter(lambda pair: 70 <= 360 - sum(pair) <= 170)
turns = st.tuples(*[st.floats(-180.0, 180.0)] * 3)
places = st.tuples(st.floats(0.0, 359.9), st.floats(1.0, 14.0), st.floats(-9.0, 18.0))


def ring(gap_degrees: tuple[float, float]) -> np.ndarray:
    """Three hinge points on a circle of 12 mm, counterclockwise seen from the aorta (z)."""
    angles = np.deg2rad([0.0, gap_degrees[0], sum(gap_degrees)])
    return np.column_stack([12 * np.cos(angles), 12 * np.sin(angles), np.zeros(3)])


@settings(max_examples=60, deadline=None)
@given(gap=gaps, turn=turns)
def test_a_hinge_point_lies_in_its_own_sector_halfway_between_its_commissures(gap, turn) -> None:
    rotation = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    hinges = ring(gap) @ rotation.T + (10.0, -20.0, 30.0)
    frame = RootFrame.of(annulus_plane(*hinges), hinges, 20.0)
    coordinates = frame.coordinates(hinges + frame.plane.normal_lps)
    assert frame.part_labels(coordinates).tolist() == [CALCIFIED_PART_LABELS[p] for p in ("rcc", "lcc", "ncc")]
    borders = np.rad2deg(frame.commissure_azimuths)
    assert borders == pytest.approx([gap[0] / 2, gap[0] + gap[1] / 2, (sum(gap) + 360) / 2], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(place=places, turn=turns)
def test_turning_everything_changes_no_part(place, turn) -> None:
    degrees, away, height = place
    angle = np.deg2rad(degrees)
    point = np.array([away * np.cos(angle), away * np.sin(angle), height])
    hinges = ring((118.0, 127.0))
    if min(abs(degrees - border) for border in (59.0, 181.5, 302.5)) < 0.01 or abs(height) < 1e-6:
        return  # on a border rounding decides
    rotation = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    labels = []
    for matrix in (np.eye(3), rotation):
        turned = hinges @ matrix.T
        frame = RootFrame.of(annulus_plane(*turned), turned, 20.0)
        labels.append(int(frame.part_labels(frame.coordinates((matrix @ point)[None]))[0]))
        assert frame.to_lps(frame.coordinates(matrix @ point)) == pytest.approx(matrix @ point, abs=1e-9)
    assert labels[0] == labels[1]
    assert (labels[0] == CALCIFIED_PART_LABELS["lvot"]) == (height < 0)


def test_hinge_points_beside_the_annulus_have_no_sectors() -> None:
    hinges = ring((118.0, 127.0))
    plane = annulus_plane(*hinges)
    moved = type(plane)(plane.center_lps_mm + (40.0, 0.0, 0.0), plane.normal_lps)
    with pytest.raises(NotMeasurable, match="around the middle"):
        RootFrame.of(moved, hinges, 20.0)
