"""Slicer's own storage classes read what we write, and we read what they write."""

from __future__ import annotations

import json

import pytest

from fedkd.anatomy import LANDMARK_LIST_COLOR_RGB
from fedkd.geometry import LPS_TO_RAS
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

import slicer
import vtk

POINTS = PointList(
    (
        LandmarkPoint("RCC", (10.5, -20.25, 30.125), 0.75, "by hand"),
        LandmarkPoint("LCC", None, 0.1),
        LandmarkPoint("NCC", (-1 / 3, 1e-7, -1500.0)),
        LandmarkPoint('Ä, "x"', (0.0, 0.0, 0.0)),
    )
)
POSITION_STATES = {
    "undefined": slicer.vtkMRMLMarkupsNode.PositionUndefined,
    "defined": slicer.vtkMRMLMarkupsNode.PositionDefined,
}


@pytest.fixture
def scene():
    scene = slicer.vtkMRMLScene()
    application_logic = slicer.vtkSlicerApplicationLogic()
    application_logic.SetMRMLScene(scene)
    markups_logic = slicer.vtkSlicerMarkupsLogic()
    markups_logic.SetMRMLApplicationLogic(application_logic)
    markups_logic.SetMRMLScene(scene)
    yield scene
    scene.Clear(True)


def storage(scene, path):
    kind = "vtkMRMLMarkupsJsonStorageNode" if path.name.endswith(".json") else "vtkMRMLMarkupsFiducialStorageNode"
    node = scene.AddNewNodeByClass(kind)
    node.SetFileName(str(path))
    return node


def loaded(scene, path):
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    assert storage(scene, path).ReadData(node) == 1
    return node


def position_ras_mm(node, index):
    position = [0.0, 0.0, 0.0]
    node.GetNthControlPointPosition(index, position)
    return position


@pytest.mark.parametrize("name", ["a.mrk.json", "a.fcsv"])
def test_slicer_reads_names_places_and_descriptions(scene, tmp_path, name):
    written = POINTS if name == "a.mrk.json" else PointList(tuple(point for point in POINTS if point.is_defined))
    write_points(tmp_path / name, written)
    node = loaded(scene, tmp_path / name)

    assert node.GetNumberOfControlPoints() == len(written)
    for index, point in enumerate(written):
        assert node.GetNthControlPointLabel(index) == point.label
        state = "defined" if point.is_defined else "undefined"
        assert node.GetNthControlPointPositionStatus(index) == POSITION_STATES[state]
        if point.position_lps_mm is not None:
            assert position_ras_mm(node, index) == pytest.approx(list(LPS_TO_RAS * point.position_lps_mm), abs=1e-9)
    assert node.GetNthControlPointDescription(0) == "confidence 0.750 (not calibrated); by hand"


def test_slicer_takes_over_locks_counts_and_colors(scene, tmp_path):
    write_points(tmp_path / "a.mrk.json", POINTS)
    reader = storage(scene, tmp_path / "a.mrk.json")
    node = reader.AddNewMarkupsNodeFromFile(str(tmp_path / "a.mrk.json"))
    assert node.GetFixedNumberOfControlPoints()
    assert not node.GetLocked()
    assert [node.GetNthControlPointID(index) for index in range(4)] == ["1", "2", "3", "4"]
    assert node.GetDisplayNode().GetSelectedColor() == pytest.approx(LANDMARK_LIST_COLOR_RGB)
    assert node.GetDisplayNode().GetPointLabelsVisibility()


def test_what_slicer_makes_of_our_file_is_the_same_to_us(scene, tmp_path):
    write_points(tmp_path / "ours.mrk.json", POINTS)
    node = loaded(scene, tmp_path / "ours.mrk.json")
    assert storage(scene, tmp_path / "theirs.mrk.json").WriteData(node) == 1
    again = read_points(tmp_path / "theirs.mrk.json")
    assert again.labels == POINTS.labels
    for point in POINTS:
        assert again[point.label].confidence == point.confidence
        assert again.position_lps_mm(point.label) == (
            None if point.position_lps_mm is None else pytest.approx(point.position_lps_mm, abs=1e-9)
        )
    ours, theirs = (
        json.loads((tmp_path / f"{name}.mrk.json").read_text())["markups"][0] for name in ("ours", "theirs")
    )
    assert set(ours) - {"display"} <= set(theirs)
    for our_point, their_point in zip(ours["controlPoints"], theirs["controlPoints"], strict=True):
        assert set(our_point) <= set(their_point)
        assert our_point["orientation"] == their_point["orientation"]


@pytest.mark.parametrize("name", ["a.mrk.json", "a.fcsv"])
@pytest.mark.parametrize("system", ["LPS", "RAS"])
def test_points_placed_in_slicer_are_read_in_lps(scene, tmp_path, name, system):
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    for index, label in enumerate(("RCC", "LCC", "acc", "MS1")):
        node.AddControlPoint(vtk.vtkVector3d(10.5 + index, 20.0, 30.0), label)
    node.UnsetNthControlPointPosition(1)
    node.SetNthControlPointPositionMissing(3)
    writer = storage(scene, tmp_path / name)
    writer.SetCoordinateSystem(getattr(slicer.vtkMRMLStorageNode, f"CoordinateSystem{system}"))
    assert writer.WriteData(node) == 1

    points = read_points(tmp_path / name)
    assert points.labels == ("RCC", "LCC", "NCC", "MS1")
    assert points.defined_positions_lps_mm() == {"RCC": (-10.5, -20.0, 30.0), "NCC": (-12.5, -20.0, 30.0)}
