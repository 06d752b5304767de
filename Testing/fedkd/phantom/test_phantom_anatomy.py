"""Drawn anatomy against published measurements, without painting."""

from __future__ import annotations

import numpy as np
import pytest

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import annulus_plane, hinge_circle_diameter_mm
from fedkd.phantom.body import Body
from fedkd.phantom.calcium import ValveCalcium, draw_calcium
from fedkd.phantom.chambers import draw_chambers
from fedkd.phantom.leaflets import LeafletSurface, draw_leaflets
from fedkd.phantom.parameters import draw_root
from fedkd.phantom.patient import draw_patient, landmarks_lps_mm, stream
from fedkd.phantom.root_shape import RootShape


class Patient:
    """Only what has published numbers: the rest of a patient takes a fifth of a second to draw."""

    def __init__(self, seed: int) -> None:
        self.root = RootShape(draw_root(stream(seed, "root")))
        self.body = Body.draw(stream(seed, "body"))
        self.points = landmarks_lps_mm(self.root, self.body)
        ventricle = draw_chambers(stream(seed, "chambers"), self.root).left_ventricle
        leaflets = draw_leaflets(stream(seed, "leaflets"), self.root, ventricle)
        self.calcium: ValveCalcium = draw_calcium(stream(seed, "calcium"), LeafletSurface(self.root, leaflets))


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return [Patient(seed) for seed in range(900, 1000)]


def test_a_whole_patient_has_the_same_points(patients: list[Patient]) -> None:
    assert draw_patient(900).landmarks_lps_mm() == patients[0].points


def hinges(patient: Patient) -> list[tuple[float, float, float]]:
    points = patient.points
    return [points[name] for name in ("RCC", "LCC", "NCC")]


def heights_mm(patients: list[Patient], name: str) -> np.ndarray:
    return np.array([annulus_plane(*hinges(p)).signed_distance_mm(p.points[name]) for p in patients])


def test_points_come_in_the_one_order(patients: list[Patient]) -> None:
    assert all(tuple(p.points) == LANDMARK_NAMES for p in patients)


def test_the_annulus_normal_points_to_the_aorta(patients: list[Patient]) -> None:
    # Counterclockwise RCC, LCC, NCC seen from the aorta; the aorta is upward and to the patient's right.
    normals = np.array([annulus_plane(*hinges(p)).normal_lps for p in patients])
    axes = np.array([p.body.turn.T @ p.root.axis for p in patients])
    assert (np.sum(normals * axes, axis=1) > 0.8).all()
    assert (normals[:, 2] > 0).all()
    assert np.mean(normals[:, 0]) == pytest.approx(-0.63, abs=0.1)


def test_hinge_circles_are_as_wide_as_published(patients: list[Patient]) -> None:
    diameters = [hinge_circle_diameter_mm(*hinges(p)) for p in patients]
    assert 23.5 < np.mean(diameters) < 26.5  # 22.9 (ImageCAS) to 25.7 (the study's labels)
    assert 2.0 < np.std(diameters) < 4.5


def test_ostia_are_as_high_as_published(patients: list[Patient]) -> None:
    assert 14.5 < np.mean(heights_mm(patients, "RCO")) < 18.5
    assert 12.5 < np.mean(heights_mm(patients, "LCO")) < 16.5
    assert min(heights_mm(patients, "RCO").min(), heights_mm(patients, "LCO").min()) > 3


def test_the_septum_is_below_and_its_upper_point_above_its_lower(patients: list[Patient]) -> None:
    upper, lower = heights_mm(patients, "MS1"), heights_mm(patients, "MS2")
    assert (upper > lower).all()
    lengths = [np.linalg.norm(np.subtract(p.points["MS1"], p.points["MS2"])) for p in patients]
    assert 3.7 < np.median(lengths) < 7.9  # INTERSECT to the study's labels


def test_the_septum_lies_between_ncc_and_rcc(patients: list[Patient]) -> None:
    for patient in patients:
        p = patient.root.parameters
        assert p.hinge_azimuths[2] < p.septum_azimuth < p.hinge_azimuths[0] + 2 * np.pi


def test_hinges_are_the_lowest_points_of_their_leaflets(patients: list[Patient]) -> None:
    azimuths = np.linspace(-np.pi, np.pi, 721, dtype=np.float32)
    for patient in patients[:20]:
        at = patient.root.cusp_position(azimuths)
        for cusp, hinge in enumerate(patient.root.parameters.hinge_azimuths):
            lowest = azimuths[at.cusp == cusp][np.argmin(at.attachment_mm[at.cusp == cusp])]
            assert abs((lowest - hinge + np.pi) % (2 * np.pi) - np.pi) < 0.02


def test_two_patients_of_three_have_calcium_of_the_published_amount(patients: list[Patient]) -> None:
    amounts = np.array([p.calcium.target_mm3 for p in patients])
    assert 0.5 < np.mean(amounts > 0) < 0.8
    assert 200 < np.median(amounts[amounts > 0]) < 550
