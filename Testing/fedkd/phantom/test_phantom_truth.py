"""The truth agrees with the painted image."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from fedkd.anatomy import HEART_CHANNELS
from fedkd.geometry import Grid
from fedkd.phantom import Field, Phantom, make_phantom
from fedkd.phantom.body import as_points
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.make import scan
from fedkd.phantom.patient import Patient, draw_patient, paint_patient
from fedkd.phantom.root_paint import lumen_shape

AORTA, VENTRICLE = HEART_CHANNELS.index("aorta"), HEART_CHANNELS.index("left ventricle")
SEEDS = (3, 8, 12)
Painted = tuple[Patient, Canvas, np.ndarray]


@pytest.fixture(scope="module", params=SEEDS)
def painted(request: pytest.FixtureRequest) -> Painted:
    patient = draw_patient(request.param)
    middle = patient.body.to_lps(patient.root.to_phantom([[0.0, 0, 8]]))[0]
    canvas = Canvas(Grid.centered(middle, (64, 64, 64), 1.0), patient.body)
    calcification = paint_patient(canvas, patient)
    return patient, canvas, calcification


def distance_to(mask: np.ndarray, canvas: Canvas, point_lps_mm: tuple[float, float, float]) -> float:
    index = canvas.grid.lps_to_index(point_lps_mm)[::-1]
    return float(ndimage.map_coordinates(ndimage.distance_transform_edt(~mask), index[:, None], order=1)[0])


@pytest.mark.parametrize("name", ["RCC", "LCC", "NCC"])
def test_hinges_lie_where_aorta_ventricle_and_wall_meet(painted: Painted, name: str) -> None:
    patient, canvas, _ = painted
    point = patient.landmarks_lps_mm()[name]
    assert distance_to(canvas.heart == AORTA, canvas, point) < 2
    assert distance_to(canvas.heart == VENTRICLE, canvas, point) < 2
    blood = np.isin(canvas.heart, (AORTA, VENTRICLE))
    assert distance_to(~blood, canvas, point) < 2


@pytest.mark.parametrize("name", ["RCO", "LCO"])
def test_ostia_lie_on_the_aortas_surface_and_open_into_a_bright_vessel(painted: Painted, name: str) -> None:
    patient, canvas, _ = painted
    point = np.array(patient.landmarks_lps_mm()[name])
    assert distance_to(canvas.heart == AORTA, canvas, tuple(point)) < 1.5
    assert distance_to(canvas.heart != AORTA, canvas, tuple(point)) < 1.5
    index = np.rint(canvas.grid.lps_to_index(point)).astype(int)[::-1]
    around = tuple(slice(i - 1, i + 2) for i in index)
    contrast = patient.contrast
    assert canvas.hu[around].max() > 0.5 * (contrast.aorta_hu + contrast.vessel_wall_hu)


def test_coronaries_begin_at_the_ostia_outside_the_aorta_and_are_blood(painted: Painted) -> None:
    patient, canvas, _ = painted
    arteries = canvas.coronaries == 1
    for name in ("RCO", "LCO"):
        assert distance_to(arteries, canvas, patient.landmarks_lps_mm()[name]) < 2.0
    aorta = ndimage.binary_erosion(canvas.heart == AORTA, iterations=2)
    assert not (arteries & aorta).any()
    contrast = patient.contrast
    assert np.median(canvas.hu[arteries]) > 0.5 * (min(contrast.aorta_hu, contrast.coronary_hu) + contrast.fat_hu)


def _opening_offset_mm(patient: Patient, which: int) -> float:
    """Distance of an ostium from the middle of the hole that its artery makes in the aorta's wall."""
    p = patient.root.parameters
    ostium = patient.root.on_wall(p.ostium_azimuths[which], p.ostium_heights_mm[which])
    steps = np.arange(-10, 10.1, 0.5)
    around = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3) + ostium
    wall = np.abs(lumen_shape(patient.root, patient.vessels).distance_mm(as_points(around))) < 0.4
    artery = patient.coronaries[which].lumen.distance_mm(as_points(around)) < 0
    return float(np.linalg.norm(around[wall & artery].mean(axis=0) - ostium))


def test_ostia_are_the_middle_of_the_openings_that_one_sees() -> None:
    offsets = [_opening_offset_mm(draw_patient(seed), which) for seed in range(12) for which in (0, 1)]
    assert np.median(offsets) < 0.4
    assert np.mean(np.array(offsets) < 2) > 0.9


def test_the_septum_lies_on_the_outflow_tracts_wall(painted: Painted) -> None:
    patient, canvas, _ = painted
    blood = np.isin(canvas.heart, (AORTA, VENTRICLE))
    for name in ("MS1", "MS2"):
        point = patient.landmarks_lps_mm()[name]
        assert distance_to(blood, canvas, point) < 1.5
        assert distance_to(~blood, canvas, point) < 1.5


def test_calcium_is_brighter_than_blood(painted: Painted) -> None:
    patient, canvas, calcification = painted
    assert (calcification.sum() > 0) == (patient.calcium.target_mm3 > 0)
    if calcification.any():
        assert canvas.hu[calcification > 0].min() > patient.contrast.aorta_hu
        assert distance_to(calcification > 0, canvas, patient.landmarks_lps_mm()["NCC"]) < 40


def test_calcium_in_coronaries_and_vessel_walls_is_not_labeled() -> None:
    patient = next(p for p in map(draw_patient, range(40)) if not p.calcium.deposits and p.coronaries[1].plaques)
    middle = patient.body.to_lps(patient.root.to_phantom([[0.0, 0, 8]]))[0]
    canvas = Canvas(Grid.centered(middle, (50, 50, 50), 2.0), patient.body)
    assert not paint_patient(canvas, patient).any()


def test_the_same_patient_in_two_grids_has_the_same_truth() -> None:
    patient = draw_patient(5)
    middle = patient.body.to_lps(patient.root.to_phantom([[0.0, 0, 8]]))[0]
    coarse = scan(patient, Grid.centered(middle, (32, 32, 32), 2.0), 5, Field.ROOT)
    fine = scan(patient, Grid.centered(middle, (64, 64, 64), 1.0), 5, Field.ROOT)
    assert coarse.points == fine.points
    for channel in (AORTA, VENTRICLE):
        assert (coarse.heart == channel).sum() * 8 == pytest.approx((fine.heart == channel).sum(), rel=0.08)


def phantom_of_abdomen() -> Phantom:
    return make_phantom(17, Field.ABDOMEN)


def test_an_abdomen_has_no_heart_and_no_points() -> None:
    phantom = phantom_of_abdomen()
    assert not phantom.heart.any()
    assert not phantom.calcification.any()
    assert phantom.points == {}
    assert (phantom.ct > 150).any()  # bones, vessels
    assert phantom.grid.spacing_mm == (4.0, 4.0, 4.0)


def test_a_root_crop_has_all_points_on_its_exact_grid() -> None:
    phantom = make_phantom(3, Field.ROOT)
    assert phantom.ct.shape == (100, 100, 100)
    assert phantom.ct.dtype == np.int16
    assert phantom.grid.spacing_mm == (1.0, 1.0, 1.0)
    assert len(phantom.points) == 7
    assert all(phantom.grid.contains(point) for point in phantom.points.values())
    assert phantom.ct.min() >= -1024
    assert phantom.ct.max() <= 3071
    assert set(np.unique(phantom.heart)) == set(range(8))
