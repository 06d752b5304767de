"""What was measured, found again in the scene and in the pictures at the places where it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.measured_scene import (
    DIAMETER_MM,
    PLANE,
    REASON,
    ellipse_lps_mm,
    shapes,
    write_measured,
)
from builders.scene_case import POSITIONS_LPS_MM, SceneCase, SceneCaseRecipe
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.palette import shape_color_rgb
from fedkd.measurement.wording import RANGE_SIGN
from fedkd_slicer.case_results import read_case_results
from fedkd_slicer.curves import farthest_mm

slicer = pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

CONTOURS = {"LVOT": -4.0, "Annulus": 0.0, "Sinotubular junction": 20.0}
PX_PER_MM = 800 / 90.0


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> SceneCase:
    """Scene and pictures of a measured case, made by a process of their own."""
    case = SceneCaseRecipe("oblique", (1.2, 1.2, 1.5)).make(tmp_path_factory.mktemp("measured"))
    write_measured(case.folder)
    outcome = case.build()
    assert outcome.returncode == 0, outcome.stderr
    return case


@pytest.fixture(scope="module")
def scene(case, tmp_path_factory):
    from fedkd_slicer.core_without_application import start_core

    core = start_core(tmp_path_factory.mktemp("scratch"))
    assert core.scene.ReadFromMRB(str(case.folder / "scene.mrb"), True)
    yield core.scene
    core.scene.Clear(1)


def the(scene, name, class_name):
    nodes = [scene.GetNthNodeByClass(n, class_name) for n in range(scene.GetNumberOfNodesByClass(class_name))]
    (found,) = [node for node in nodes if node.GetName() == name]
    return found


def drawn_ras_mm(node):
    points = node.GetCurvePointsWorld()
    return np.array([points.GetPoint(n) for n in range(points.GetNumberOfPoints())])


@pytest.mark.parametrize("name", CONTOURS)
def test_contours_have_few_points_and_stay_within_a_tenth_of_a_millimeter(scene, name):
    node = the(scene, name, "vtkMRMLMarkupsClosedCurveNode")
    assert 24 <= node.GetNumberOfControlPoints() <= 36
    assert farthest_mm(ellipse_lps_mm(CONTOURS[name]) * LPS_TO_RAS, drawn_ras_mm(node)) <= 0.1
    assert node.GetLocked()
    display = node.GetDisplayNode()
    assert display.GetSelectedColor() == pytest.approx(shape_color_rgb(name))
    assert not display.GetPointLabelsVisibility()
    assert not display.GetPropertiesLabelVisibility()
    # Slicer's own length of the thinned-out curve would be a second truth.
    assert not any(node.GetNthMeasurement(n).GetEnabled() for n in range(node.GetNumberOfMeasurements()))


def test_the_annulus_plane_lies_in_the_hinge_points_and_is_as_large_as_their_circle(scene):
    node = the(scene, "Annulus plane", "vtkMRMLMarkupsPlaneNode")
    np.testing.assert_allclose(node.GetOriginWorld(), PLANE.center_lps_mm * LPS_TO_RAS, atol=1e-4)
    np.testing.assert_allclose(node.GetNormalWorld(), PLANE.normal_lps * LPS_TO_RAS, atol=1e-4)
    np.testing.assert_allclose(node.GetSizeWorld(), [DIAMETER_MM, DIAMETER_MM], atol=1e-4)
    assert node.GetLocked()


def test_lines_run_from_point_to_point_and_show_their_lengths(scene):
    for line in shapes().lines:
        node = the(scene, line.name, "vtkMRMLMarkupsLineNode")
        ends = [node.GetNthControlPointPositionWorld(n) for n in (0, 1)]
        np.testing.assert_allclose(ends, np.array([line.start_lps_mm, line.end_lps_mm]) * LPS_TO_RAS, atol=1e-4)
        assert node.GetLocked()
        assert node.GetAttribute("FedKD.ModelId") == "student-1"
    height = the(scene, "Left coronary height", "vtkMRMLMarkupsLineNode")
    assert height.GetPropertiesLabelText().strip() == "14.0 mm"
    diameter = the(scene, "Annulus maximum diameter", "vtkMRMLMarkupsLineNode")
    # What measurements.json says; the line itself is 26 mm long.
    assert [diameter.GetNthControlPointLabel(n) for n in (0, 1)] == ["", "12.3 mm"]


def test_the_centerline_is_an_open_curve_that_does_not_hide_the_middle(scene):
    node = the(scene, "Centerline", "vtkMRMLMarkupsCurveNode")
    drawn = drawn_ras_mm(node)
    np.testing.assert_allclose(drawn[0], (PLANE.center_lps_mm - 4 * PLANE.normal_lps) * LPS_TO_RAS, atol=1e-3)
    np.testing.assert_allclose(drawn[-1], (PLANE.center_lps_mm + 40 * PLANE.normal_lps) * LPS_TO_RAS, atol=1e-3)
    assert not node.GetDisplayNode().GetVisibility()


def test_the_table_says_each_measurement_as_a_clinician_reads_it(scene):
    node = the(scene, "Measurements", "vtkMRMLTableNode")
    columns = [node.GetColumnName(n) for n in range(node.GetNumberOfColumns())]
    assert columns == ["Measurement", "Value", "Unit", "Published range", "Remark"]
    rows = [[node.GetCellText(row, n) for n in range(5)] for row in range(node.GetNumberOfRows())]
    assert rows[0][:4] == ["Annulus area", "800", "mm²", f"255 {RANGE_SIGN} 732"]
    assert rows[0][4].startswith("Outside the published range: 506 patients")
    assert ["Sinotubular junction height", "", "mm", "", REASON] in rows
    assert ["Septum length band", "long (> 6 mm)", "", "", ""] in rows
    assert node.GetLocked()


def test_all_of_it_is_filed_in_a_folder_of_the_case(scene):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folder = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(the(scene, "Measurements", "vtkMRMLTableNode")))
    children = []
    hierarchy.GetItemChildren(folder, children)
    assert hierarchy.GetItemName(folder) == "Measurements"
    assert hierarchy.GetItemName(hierarchy.GetItemParent(folder)) == "phantom-7"
    lines = [line.name for line in shapes().lines]
    assert [hierarchy.GetItemName(child) for child in children] == [
        "Measurements",
        *CONTOURS,
        *lines,
        "Centerline",
        "Annulus plane",
    ]


def test_findings_are_told_with_their_source_warnings_first(scene):
    about = scene.GetFirstNodeByClass("vtkMRMLTextNode").GetText()
    warning = "Warning: The annulus area is 800 mm². (Sheba Medical Center)"
    assert 0 < about.index(warning) < about.index("Note: The slices are thick.")
    assert "measure the case again" in about


def test_the_contour_is_drawn_where_it_is_measured(case):
    picture = read_picture(case, "annulus")
    color = np.array(shape_color_rgb("Annulus")) * 255
    right, up = axes_of_annulus_picture()
    offsets = (ellipse_lps_mm(0.0) - PLANE.center_lps_mm) * PX_PER_MM
    rows, columns = np.rint(400 - offsets @ up).astype(int), np.rint(400 + offsets @ right).astype(int)
    near = [
        np.abs(picture[r - 1 : r + 2, c - 1 : c + 2] - color).max(axis=-1).min()
        for r, c in zip(rows, columns, strict=True)
    ]
    assert np.mean(np.array(near) < 40) > 0.95  # landmarks' lines may cross it


def test_the_cusp_overlap_view_shows_right_and_left_cusp_as_one(case):
    picture = read_picture(case, "cusp_overlap_3d")
    assert picture[100:700].std() > 5
    plans = {plan.file_name: plan for plan in three_d_plans(case)}
    plane = plans["cusp_overlap_3d.png"].plane
    right, left = (plane.project_mm(POSITIONS_LPS_MM[name] * LPS_TO_RAS) for name in ("RCC", "LCC"))
    np.testing.assert_allclose(right[:2], left[:2], atol=1e-6)
    assert "LAO" in plans["cusp_overlap_3d.png"].title or "RAO" in plans["cusp_overlap_3d.png"].title


def read_picture(case, name):
    return sitk.GetArrayFromImage(sitk.ReadImage(str(case.folder / "views" / f"{name}.png"))).astype(float)


def axes_of_annulus_picture():
    """Right and up in LPS: seen from the ventricle, anterior up."""
    up = np.array([0.0, -1.0, 0.0])
    up = up - (up @ PLANE.normal_lps) * PLANE.normal_lps
    up /= np.linalg.norm(up)
    return np.cross(PLANE.normal_lps, up), up


def three_d_plans(case):
    from fedkd_slicer.view_plan import plan_three_d

    results = read_case_results(case.folder, case.ct_file)
    return plan_three_d(results.positions_ras_mm, np.zeros(3), results.measured.shapes.c_arms)


@pytest.fixture
def copied(case, tmp_path) -> Path:
    return shutil.copytree(case.folder, tmp_path / "case")


def spoiled(path: Path, *changes) -> None:
    content = json.loads(path.read_text())
    for keys, value in changes:
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("shapes.json", ("contours", 0, "points_lps_mm"), []),
        ("shapes.json", ("contours", 0, "points_lps_mm"), [[0, 0, 0]] * 2),
        ("shapes.json", ("contours", 0, "points_lps_mm", 3), [1e300, 0, 0]),
        ("shapes.json", ("contours", 0, "points_lps_mm", 3), [float("nan"), 0, 0]),
        ("shapes.json", ("lines", 0, "end_lps_mm"), [float("inf"), 0, 0]),
        ("shapes.json", ("lines", 0, "name"), "../../elsewhere"),
        ("shapes.json", ("lines", 0, "name"), "a\nb"),
        ("shapes.json", ("contours", 0, "name"), "%s%n"),  # Slicer uses names as formats
        ("shapes.json", ("lines",), [{"name": "x", "start_lps_mm": [0, 0, 0], "end_lps_mm": [1, 0, 0]}] * 65),
        ("shapes.json", ("annulus_plane", "normal_lps"), [0, 0, 0]),
        ("shapes.json", ("hinge_circle_diameter_mm",), -3),
        ("measurements.json", ("annulus_area_mm2", "value"), float("nan")),
        ("measurements.json", ("annulus_area_mm2",), "large"),
        ("measurements.json", ("findings",), None),
    ],
)
def test_damaged_measurements_are_refused_by_name(case, copied, name, keys, value):
    spoiled(copied / name, (keys, value))
    with pytest.raises(FedkdError) as refused:
        read_case_results(copied, case.ct_file)
    assert refused.value.code == ExitCode.INPUT_UNREADABLE
    assert refused.value.where.endswith(name)


def test_a_case_that_was_not_measured_has_nothing_measured(case, copied):
    (copied / "measurements.json").unlink()
    (copied / "shapes.json").unlink()
    results = read_case_results(copied, case.ct_file)
    assert results.measured.document is None
    assert results.measured.shapes.contours == ()
    assert results.moved == ()


def test_a_landmark_moved_after_measuring_is_named(case, copied):
    spoiled(copied / "measurements.json", (("landmarks", "NCC", "position_lps_mm"), [0, 0, 0]))
    assert read_case_results(copied, case.ct_file).moved == ("NCC",)


def test_a_corrected_landmark_has_no_confidence_of_the_model(case, copied):
    assert read_case_results(case.folder, case.ct_file).confidences["RCC"].value == pytest.approx(0.9)
    spoiled(copied / "measurements.json", (("landmarks", "RCC", "confidence"), None))
    assert "RCC" not in read_case_results(copied, case.ct_file).confidences


def test_hand_placed_landmarks_are_no_models(case, copied):
    from fedkd_slicer.scene_from_case import about_text

    spoiled(copied / "provenance.json", (("model",), None))
    spoiled(copied / "measurements.json", (("landmark_source",), "file mine.mrk.json"), (("model_id",), None))
    results = read_case_results(copied, case.ct_file)
    assert results.model_id is None
    assert results.landmark_source == "file mine.mrk.json"
    assert "Landmarks: file mine.mrk.json." in about_text(results)
    assert "neural network" not in about_text(results)


def test_a_label_of_a_shape_without_a_color_of_its_own_is_white():
    from fedkd_slicer.label_style import readable_on_black

    assert readable_on_black((1.0, 1.0, 1.0)) == (1.0, 1.0, 1.0)
