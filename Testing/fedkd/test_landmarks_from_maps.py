"""From probability maps to points: sub-voxel, absent stays absent, touching balls are told apart."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.geometry import Grid
from fedkd.landmarks import Decoding, Located, locate, overlap_shift_mm, undo_overlap
from fedkd.training.labels import paint_balls

RADIUS_MM = 4.0
NAMES = ("RCC", "LCC", "NCC", "RCO", "LCO")


def one_hot(labels: np.ndarray, channels: int) -> np.ndarray:
    return np.stack([labels == channel for channel in range(channels)]).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    offset=st.tuples(*[st.floats(-4, 4)] * 3),
    spacing_mm=st.sampled_from([0.8, 1.0, 1.5]),
)
def test_point_of_one_ball_is_found_within_a_fifth_of_a_voxel(offset: tuple[float, ...], spacing_mm: float) -> None:
    grid = Grid.centered((10.0, -20.0, 30.0), (32, 32, 32), spacing_mm)
    truth = np.array([10.0, -20.0, 30.0]) + offset
    centers = np.full((5, 3), np.nan)
    centers[2] = grid.lps_to_index(truth)[::-1]
    labels = paint_balls(centers, (32, 32, 32), RADIUS_MM / spacing_mm)
    found = locate(one_hot(labels, 6), NAMES, grid, Decoding(RADIUS_MM))
    assert set(found) == {"NCC"}, "only the class that is there, under its own name"
    assert np.linalg.norm(found["NCC"].position_lps_mm - truth) < 0.2 * spacing_mm
    assert found["NCC"].confidence > 0.9


def test_faint_and_tiny_blobs_are_absent() -> None:
    grid = Grid.centered((0, 0, 0), (24, 24, 24), 1.0)
    maps = np.zeros((6, 24, 24, 24), np.float32)
    maps[1, 8:16, 8:16, 8:16] = 0.3
    maps[2, 3, 3, 3] = 0.99
    assert locate(maps, NAMES, grid, Decoding(RADIUS_MM)) == {}


def test_certain_ball_is_found_beside_a_larger_faint_smear() -> None:
    grid = Grid.centered((0, 0, 0), (40, 40, 40), 1.0)
    centers = np.full((5, 3), np.nan)
    centers[0] = (10, 10, 10)
    maps = one_hot(paint_balls(centers, (40, 40, 40), 4.0), 6)
    maps[1, 20:38, 20:38, 20:38] = 0.3
    found = locate(maps, NAMES, grid, Decoding(RADIUS_MM))["RCC"]
    assert np.allclose(found.position_lps_mm, grid.index_to_lps((10, 10, 10)), atol=0.1)
    assert found.confidence < 0.5


@settings(max_examples=25, deadline=None)
@given(flips=st.tuples(*[st.booleans()] * 3), axes=st.permutations((0, 1, 2)))
def test_points_do_not_depend_on_how_the_axes_are_stored(flips: tuple[bool, ...], axes: list[int]) -> None:
    grid = Grid.centered((5.0, -3.0, 8.0), (20, 24, 28), 1.0)
    maps = np.zeros((6, 28, 24, 20), np.float32)
    maps[2] = np.random.default_rng(0).uniform(0, 0.15, maps[2].shape)
    maps[2, 8:16, 5:12, 9:17] = 0.9
    wanted = locate(maps, NAMES, grid, Decoding(RADIUS_MM))["LCC"]
    image = sitk.Flip(sitk.PermuteAxes(grid.to_image(maps[2]), axes), flips)
    stored = np.zeros((6, *image.GetSize()[::-1]), np.float32)
    stored[2] = sitk.GetArrayFromImage(image)
    found = locate(stored, NAMES, Grid.of(image), Decoding(RADIUS_MM))["LCC"]
    assert np.allclose(found.position_lps_mm, wanted.position_lps_mm, atol=1e-4)
    assert found.confidence == pytest.approx(wanted.confidence)


def test_second_blob_lowers_the_confidence_and_does_not_move_the_point() -> None:
    grid = Grid.centered((0, 0, 0), (40, 40, 40), 1.0)
    centers = np.full((5, 3), np.nan)
    centers[0] = (10, 10, 10)
    labels = paint_balls(centers, (40, 40, 40), 4.0)
    alone = locate(one_hot(labels, 6), NAMES, grid, Decoding(RADIUS_MM))["RCC"]
    labels[28:33, 28:33, 28:33] = 1
    doubted = locate(one_hot(labels, 6), NAMES, grid, Decoding(RADIUS_MM))["RCC"]
    assert np.allclose(alone.position_lps_mm, doubted.position_lps_mm)
    assert doubted.confidence < 0.8 * alone.confidence


@settings(max_examples=30, deadline=None)
@given(distance_mm=st.floats(0.5, 12.0), direction=st.tuples(*[st.floats(-1, 1)] * 3))
def test_septum_length_survives_the_cut_between_touching_balls(
    distance_mm: float, direction: tuple[float, ...]
) -> None:
    axis = np.array(direction) + (0, 0, 1e-3)
    axis /= np.linalg.norm(axis)
    grid = Grid.centered((0, 0, 0), (60, 60, 60), 0.5)
    truth = np.array([-0.5, 0.5])[:, None] * distance_mm * axis
    labels = paint_balls(grid.lps_to_index(truth)[:, ::-1], (60, 60, 60), RADIUS_MM / 0.5)
    found = locate(one_hot(labels, 3), ("MS1", "MS2"), grid, Decoding(RADIUS_MM))
    for name, position in zip(("MS1", "MS2"), truth, strict=True):
        assert np.linalg.norm(found[name].position_lps_mm - position) < 0.25


@given(distance_mm=st.floats(0, 20), radius_mm=st.floats(1, 10))
def test_shift_falls_from_three_eighths_of_the_radius_to_nothing(distance_mm: float, radius_mm: float) -> None:
    shift_mm = overlap_shift_mm(distance_mm, radius_mm)
    assert -1e-9 <= shift_mm <= 3 / 8 * radius_mm + 1e-9
    if distance_mm >= 2 * radius_mm:
        assert shift_mm == pytest.approx(0, abs=1e-9)


def test_three_touching_points_are_left_alone() -> None:
    points = {name: Located(np.array([x, 0.0, 0.0]), 1.0) for name, x in (("RCC", 0.0), ("LCC", 5.0), ("NCC", 9.0))}
    assert undo_overlap(points, RADIUS_MM) == points
