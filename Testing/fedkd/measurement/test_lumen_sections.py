from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st

from builders.analytic_roots import calcified_oblique, view_of
from fedkd.geometry import Grid, Plane, annulus_plane
from fedkd.measurement.blood import Blood, measure_blood
from fedkd.measurement.outline import Outline
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.section import Section, measure_section, outflow_plane
from fedkd.phantom.analytic import truth
from fedkd.phantom.shapes import rotation
from fedkd.volumes import resample_to_grid

BLOOD = Blood(400.0, 30.0)


def sections(image: sitk.Image, hinges_lps_mm: np.ndarray) -> tuple[Section, Section]:
    view = view_of(image, hinges_lps_mm)
    annulus = measure_section(view.root, view.plane, view.blood, through_lps_mm=hinges_lps_mm)
    return annulus, measure_section(view.root, outflow_plane(annulus.plane), view.blood)


def sizes(section: Section) -> dict[str, float]:
    names = ("area_mm2", "diameter_min_mm", "diameter_max_mm", "diameter_area_mm", "diameter_perimeter_mm")
    return {name: getattr(section, name) for name in names}


def assert_alike(found: dict[str, float], wanted: dict[str, float]) -> None:
    for name, value in wanted.items():
        allowed = 0.03 * value if name == "area_mm2" else 0.5
        assert found[name] == pytest.approx(value, abs=allowed), name


def test_calcium_and_leaflets_neither_cut_nor_widen_annulus_and_outflow_tract():
    scanned = calcified_oblique()
    wanted = truth(scanned.root)
    for prefix, section in zip(("annulus", "lvot"), sections(scanned.ct, scanned.hinges_lps_mm), strict=True):
        assert_alike(sizes(section), {name: wanted[f"{prefix}_{name}"] for name in sizes(section)})


@pytest.mark.parametrize("changed", ["flipped", "permuted"])
def test_the_order_of_the_voxels_changes_no_number(changed):
    scanned = calcified_oblique()
    image = scanned.ct
    other = sitk.Flip(image, [True, False, True]) if changed == "flipped" else sitk.PermuteAxes(image, [2, 0, 1])
    before, after = (sections(one, scanned.hinges_lps_mm)[0] for one in (image, other))
    assert sizes(after) == pytest.approx(sizes(before), abs=1e-3)


def test_resampling_to_turned_voxels_changes_no_number_beyond_the_tolerance():
    scanned = calcified_oblique()
    middle = scanned.hinges_lps_mm.mean(axis=0) + 20 * scanned.root.plane.normal_lps
    grid = Grid.centered(middle, (90, 90, 90), 1.0).turned(rotation([1, 0.5, 0.2], 0.5))
    for before, after in zip(
        sections(scanned.ct, scanned.hinges_lps_mm),
        sections(resample_to_grid(scanned.ct, grid), scanned.hinges_lps_mm),
        strict=True,
    ):
        assert_alike(sizes(after), sizes(before))


def test_turning_the_patient_changes_no_number_beyond_the_tolerance():
    scanned = calcified_oblique()
    turn = rotation([0.2, -1.0, 0.4], 1.3)
    grid = Grid.of(scanned.ct)
    middle = grid.index_to_lps((np.array(grid.size_xyz) - 1) / 2)
    turned = grid.turned(turn).to_image(sitk.GetArrayFromImage(scanned.ct))
    hinges = (scanned.hinges_lps_mm - middle) @ turn.T + middle
    for before, after in zip(sections(scanned.ct, scanned.hinges_lps_mm), sections(turned, hinges), strict=True):
        assert_alike(sizes(after), sizes(before))


def test_contour_lies_in_its_plane_counterclockwise():
    scanned = calcified_oblique()
    annulus, _ = sections(scanned.ct, scanned.hinges_lps_mm)
    away = annulus.contour_lps_mm - annulus.plane.center_lps_mm
    assert np.abs(away @ annulus.plane.normal_lps).max() < 1e-6
    assert (np.cross(away, np.roll(away, -1, axis=0)) @ annulus.plane.normal_lps).min() > 0


def test_without_hinge_points_the_annulus_is_still_found():
    scanned = calcified_oblique()
    view = view_of(scanned.ct, scanned.hinges_lps_mm)
    found = measure_section(view.root, view.plane, view.blood)
    assert found.area_mm2 == pytest.approx(truth(scanned.root)["annulus_area_mm2"], rel=0.05)


def test_a_plane_that_leaves_the_ct_is_a_reason():
    scanned = calcified_oblique()
    image = scanned.ct
    index = Grid.of(image).lps_to_index(scanned.hinges_lps_mm.mean(axis=0))
    cut = image[int(index[0]) - 4 :, :, :]
    root = RootCt.around(cut, scanned.hinges_lps_mm.mean(axis=0))
    with pytest.raises(NotMeasurable, match="leaves the CT"):
        measure_section(root, annulus_plane(*scanned.hinges_lps_mm), BLOOD)


def image_of(hu: float, size: int = 90) -> sitk.Image:
    noise = np.random.default_rng(0).normal(hu, 20, (size, size, size))
    return Grid.centered((0, 0, 0), (size, size, size), 1.0).to_image(noise.astype(np.int16))


@pytest.mark.parametrize(("hu", "reason"), [(50, "without contrast"), (-800, "No ascending aorta")])
def test_soft_tissue_or_lung_where_the_aorta_should_be_is_a_reason(hu, reason):
    plane = Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    root = RootCt.around(image_of(hu), (0, 0, 0))
    with pytest.raises(NotMeasurable, match=reason):
        measure_blood(root, plane)


def test_a_place_without_blood_is_a_reason():
    plane = Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    root = RootCt.around(image_of(60), (0, 0, 0))
    with pytest.raises(NotMeasurable, match="does not lie in contrast-filled blood"):
        measure_section(root, plane, BLOOD)


def test_blood_without_a_wall_is_a_reason():
    plane = Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    root = RootCt.around(image_of(400), (0, 0, 0))
    with pytest.raises(NotMeasurable):
        measure_section(root, plane, BLOOD)


def test_landmarks_far_outside_the_ct_are_a_reason():
    with pytest.raises(NotMeasurable, match="outside"):
        RootCt.around(image_of(50), (500, 0, 0))


def test_a_ct_that_ends_above_the_annulus_has_no_ascending_aorta():
    with pytest.raises(NotMeasurable, match="ends"):
        measure_blood(RootCt.around(image_of(400), (0, 0, 38)), Plane(np.array([0, 0, 38.0]), np.array([0, 0, 1.0])))


def test_blood_is_as_bright_as_it_was_painted():
    scanned = calcified_oblique()
    blood = view_of(scanned.ct, scanned.hinges_lps_mm).blood
    assert blood.mean_hu == pytest.approx(400, abs=3)
    assert blood.sd_hu == pytest.approx(30, abs=4)


def test_samples_are_linear_between_voxels_and_missing_outside():
    grid = Grid((20, 16, 12), (0.5, 0.7, 1.1), (3, -4, 9)).turned(rotation([1, 2, 3], 0.7))
    k, j, i = np.meshgrid(*(np.arange(n) for n in (12, 16, 20)), indexing="ij")
    image = grid.to_image((2 * i - 3 * j + 10 * k).astype(np.int16))
    root = RootCt.around(image, grid.index_to_lps((9, 7, 5)))
    index = np.random.default_rng(1).uniform(0, (19, 15, 11), (50, 3))
    assert root.sample(grid.index_to_lps(index)) == pytest.approx(index @ [2, -3, 10], abs=1e-3)
    assert np.isnan(root.sample(grid.index_to_lps([[-1.0, 3, 3], [3, 3, 12]]))).all()


def test_real_annulus_from_plausible_hinge_points(shared_data):
    image = sitk.ReadImage(str(shared_data / "real_ct" / "contrast_ct.nii.gz"))
    hinges = np.array([(20.7, -193.5, 660.7), (20.8, -176.6, 665.5), (6.3, -184.1, 654.1)])
    annulus, outflow = sections(sitk.Cast(image, sitk.sitkInt16), hinges)
    assert 20 <= annulus.diameter_area_mm <= 26
    assert 18 <= outflow.diameter_area_mm <= 26


@given(st.floats(8, 20), st.floats(1, 2), st.floats(0, 2 * np.pi), st.floats(-3, 3))
def test_sizes_of_an_ellipse(short, ratio, turn, shift):
    angles = np.arange(720) * 2 * np.pi / 720
    points = np.stack([short * ratio * np.cos(angles), short * np.sin(angles)], axis=1)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    outline = Outline(points @ spin.T + shift)
    assert outline.area_mm2 == pytest.approx(np.pi * short**2 * ratio, rel=1e-3)
    assert outline.diameter_min_mm == pytest.approx(2 * short, rel=1e-3)
    assert outline.diameter_max_mm == pytest.approx(2 * short * ratio, rel=1e-3)
    assert outline.center_mm == pytest.approx([shift, shift], abs=1e-6)
