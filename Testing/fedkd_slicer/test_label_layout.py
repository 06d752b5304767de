"""Names of points stay legible, however close the points are."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd_slicer.label_layout import Box, place_labels

FRAME = Box(30, 60, 770, 720)
points = st.lists(st.tuples(st.floats(150, 650), st.floats(150, 650)).map(np.array), min_size=1, max_size=7)


@settings(deadline=None)
@given(points)
def test_names_cover_neither_each_other_nor_the_border(points_px):
    boxes = place_labels(points_px, [(110.0, 16.0)] * len(points_px), FRAME)
    assert len(boxes) == len(points_px)
    for one, other in itertools.combinations(boxes, 2):
        assert one.overlap_px2(other) == 0
    for box in boxes:
        assert box.outside_px2(FRAME) < 1e-6
        assert box.right - box.left >= 110


def test_names_of_one_place_are_spread_around_it():
    place = np.array([400.0, 400.0])
    boxes = place_labels([place] * 7, [(150.0, 16.0)] * 7, FRAME)
    assert all(one.overlap_px2(other) == 0 for one, other in itertools.combinations(boxes, 2))
    assert max(np.linalg.norm(box.center - place) for box in boxes) < 250


def test_a_lone_name_is_beside_its_point():
    (box,) = place_labels([np.array([400.0, 400.0])], [(40.0, 16.0)], FRAME)
    assert box.left > 400
    assert np.linalg.norm(box.center - (400, 400)) < 80


def test_no_points_no_names():
    assert place_labels([], [], FRAME) == []
