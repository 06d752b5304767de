"""A case comes into the scene, is followed there, and goes without a trace."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS


def test_the_case_is_in_the_scene_and_goes_without_a_trace(reading, case, ct) -> None:
    before = reading.names()
    reading.open(case, ct)
    positions = reading.desk.state.positions_lps_mm
    for index, label in enumerate(LANDMARK_NAMES):
        assert reading.node.GetNthControlPointLabel(index) == label
        np.testing.assert_array_equal(
            reading.node.GetNthControlPointPosition(index), np.array(positions[label]) * LPS_TO_RAS
        )
    assert reading.node.GetFixedNumberOfControlPoints()
    assert reading.node.GetAttribute("FedKD.Notice") == NOT_FOR_CLINICAL_USE
    assert len(reading.nodes("vtkMRMLSegmentationNode")) == 1
    reading.desk.close()
    assert [reading.scene.GetNodeByID(each).GetName() for each in reading.names() - before] == []
    assert reading.names() == before
    assert not reading.listening.texts


def children(reading, item: int) -> list[str]:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(reading.scene)
    found: list[int] = []
    hierarchy.GetItemChildren(item, found)
    return [hierarchy.GetItemName(child) for child in found]


def table(reading) -> dict[str, tuple[str, ...]]:
    (node,) = reading.nodes("vtkMRMLTableNode")
    rows = [tuple(node.GetCellText(row, n) for n in range(5)) for row in range(node.GetNumberOfRows())]
    return {row[0]: row[1:] for row in rows}


def shape(reading, name: str):
    (node,) = [n for n in reading.nodes("vtkMRMLMarkupsNode") if n.GetName() == name]
    return node


def marked(reading, segment_id: str) -> int:
    (node,) = reading.nodes("vtkMRMLSegmentationNode")
    image = slicer.vtkOrientedImageData()
    if not node.GetBinaryLabelmapRepresentation(segment_id, image) or image.IsEmpty():
        return 0
    return int(np.count_nonzero(vtk_to_numpy(image.GetPointData().GetScalars())))


@pytest.fixture
def my_volume(slicer_app, ct):
    """The CT as the reader loaded it, under a study in the Subject Hierarchy."""
    volume = slicer.util.loadVolume(str(ct))
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer_app.scene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
    hierarchy.CreateItem(study, volume)
    return volume


def test_the_readers_own_volume_is_used_and_stays(reading, my_volume, case, ct) -> None:
    reading.volume = my_volume
    my_volume.GetDisplayNode().SetAutoWindowLevel(False)
    my_volume.GetDisplayNode().SetWindowLevel(777, 111)
    before = reading.names()
    reading.open(case, ct)
    assert reading.nodes("vtkMRMLScalarVolumeNode") == [my_volume]
    assert my_volume.GetDisplayNode().GetWindow() == 777
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(reading.scene)
    study = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(my_volume))
    assert children(reading, study) == [my_volume.GetName(), "scan"], "the results lie beside their CT"
    reading.desk.close()
    assert reading.names() == before
    assert children(reading, study) == [my_volume.GetName()]


@pytest.mark.parametrize("spoil", ["moved", "transformed", "cropped"])
def test_a_volume_that_lies_elsewhere_is_not_taken_for_the_cases_ct(reading, my_volume, case, ct, spoil) -> None:
    if spoil == "moved":
        my_volume.SetOrigin(1.0, 2.0, 3.0)
    elif spoil == "transformed":
        transform = reading.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        my_volume.SetAndObserveTransformNodeID(transform.GetID())
    else:
        slicer.util.updateVolumeFromArray(my_volume, slicer.util.arrayFromVolume(my_volume)[5:].copy())
    reading.volume = my_volume
    reading.open(case, ct)
    assert reading.shown.volume is not my_volume
    assert "is not where this case's CT lies" in reading.listening.texts[0]
    reading.desk.close()
    assert reading.nodes("vtkMRMLScalarVolumeNode") == [my_volume]


def test_everything_says_whose_it_is(opened) -> None:
    about = opened.nodes("vtkMRMLTextNode")[0].GetText()
    assert about.startswith(NOT_FOR_CLINICAL_USE)
    assert "Model: none" in about
    for node in (*opened.nodes("vtkMRMLMarkupsNode"), *opened.nodes("vtkMRMLSegmentationNode")):
        assert (node.GetAttribute("FedKD.ModelId"), node.GetAttribute("FedKD.Notice")) == ("none", NOT_FOR_CLINICAL_USE)
    opened.desk.place("RCC", (1.0, 2.0, 3.0))
    opened.desk.remove("MS1")
    about = opened.nodes("vtkMRMLTextNode")[0].GetText()
    assert "RCC: found, corrected" in about
    assert "MS1: not found" in about


def test_shapes_and_table_follow_a_drag_in_the_nodes_that_are_there(opened) -> None:
    nodes = opened.names()
    lines_before = slicer.util.arrayFromMarkupsControlPoints(shape(opened, "Left coronary height"))
    plane_before = np.array(shape(opened, "Annulus plane").GetNormalWorld())
    height_before = table(opened)["Left coronary height"][0]
    x, y, z = opened.desk.state.positions_lps_mm["LCO"]
    opened.desk.drag("LCO", (x, y, z + 3.0))
    opened.wait(lambda: opened.measurements[-1].stale)
    line = slicer.util.arrayFromMarkupsControlPoints(shape(opened, "Left coronary height"))
    assert not np.allclose(line, lines_before, atol=0.5)
    np.testing.assert_allclose(line[1], np.array([x, y, z + 3.0]) * LPS_TO_RAS, atol=1e-9)
    assert table(opened)["Left coronary height"][0] not in ("", height_before)
    assert table(opened)["Calcium volume, valve and outflow tract"][0] == ""
    assert table(opened)["Calcium volume, valve and outflow tract"][3] == "Being measured"
    np.testing.assert_allclose(shape(opened, "Annulus plane").GetNormalWorld(), plane_before)
    assert opened.names() == nodes, "no node is made anew"


def test_calcification_follows_the_threshold(reading, calcified) -> None:
    reading.open(*calcified)
    opened = reading
    before = {part: marked(opened, f"calcification_{part}") for part in ("rcc", "lcc", "ncc", "lvot")}
    assert sum(before.values()) > 0
    (node,) = opened.nodes("vtkMRMLSegmentationNode")
    node.GetDisplayNode().SetSegmentVisibility("calcification_lcc", False)
    opened.desk.set_calcium_threshold("1300")
    opened.rest()
    hidden = [part for part in before if not node.GetDisplayNode().GetSegmentVisibility(f"calcification_{part}")]
    assert hidden == ["lcc"], "what the reader has hidden stays hidden"
    after = {part: marked(opened, f"calcification_{part}") for part in before}
    assert sum(after.values()) < sum(before.values())
    assert table(opened)["Calcium volume, valve and outflow tract"][0] != ""


def test_calcification_that_went_with_the_engine_is_not_shown(reading, calcified) -> None:
    reading.open(*calcified)
    measurements = reading.measurements[-1]
    reading.shown.measurements_changed(replace(measurements, calcification_file=Path("gone.seg.nrrd")))
    (node,) = reading.nodes("vtkMRMLSegmentationNode")
    assert node.GetSegmentation().GetNumberOfSegments() == 0
    reading.shown.measurements_changed(measurements)
    assert marked(reading, "calcification_rcc") > 0


def test_what_cannot_be_measured_is_not_shown(opened) -> None:
    nodes = opened.names()
    opened.desk.remove("LCC")
    opened.rest()
    assert shape(opened, "Annulus plane").GetNumberOfControlPoints() == 0
    assert shape(opened, "Left coronary height").GetNumberOfControlPoints() == 0
    opened.desk.undo()
    opened.rest()
    assert shape(opened, "Annulus plane").GetNumberOfControlPoints() == 1
    assert opened.names() == nodes


def test_what_the_reader_deletes_stays_deleted_and_the_review_goes_on(opened) -> None:
    for node in (
        shape(opened, "Annulus plane"),
        *opened.nodes("vtkMRMLSegmentationNode"),
        *opened.nodes("vtkMRMLTableNode"),
        *opened.nodes("vtkMRMLTextNode"),
        *opened.nodes("vtkMRMLModelNode"),
    ):
        opened.scene.RemoveNode(node)
    x, y, z = opened.desk.state.positions_lps_mm["LCO"]
    opened.desk.place("LCO", (x, y, z + 3.0))
    opened.desk.set_calcium_threshold("1300")
    opened.rest()
    assert opened.nodes("vtkMRMLSegmentationNode") == opened.nodes("vtkMRMLTableNode") == []
    assert opened.desk.case is not None
    assert not opened.listening.lost


@pytest.mark.parametrize("what", ["landmarks", "the CT"])
def test_without_landmarks_or_ct_the_desk_is_closed_and_nothing_is_lost(opened, case, ct, what) -> None:
    before = opened.desk.state.positions_lps_mm
    opened.desk.place("RCC", (1.0, 2.0, 3.0))
    node = opened.node if what == "landmarks" else opened.shown.volume
    opened.scene.RemoveNode(node)
    opened.person.wait_until(lambda: opened.listening.lost)
    assert "was removed" in opened.listening.lost[0] or "were removed" in opened.listening.lost[0]
    assert opened.desk.case is None
    assert opened.nodes("vtkMRMLMarkupsNode") == opened.nodes("vtkMRMLScalarVolumeNode") == []
    opened.open(case, ct)
    assert opened.desk.state.positions_lps_mm == before | {"RCC": (1.0, 2.0, 3.0)}


def test_the_scene_is_closed_while_a_point_is_dragged(opened, case, ct) -> None:
    mouse = opened.mouse_on("RCC")
    mouse.move_to(opened.at("RCC"))
    mouse._view.draw()
    mouse.move_to(opened.at("RCC"))
    mouse.press()
    mouse.move_to(opened.at("RCC") + [1.0, 1.0, 0.0])
    opened.person.close_scene()
    opened.person.wait_until(lambda: opened.listening.lost)
    assert opened.listening.lost == ["The scene was closed. The review is saved; open the case again to go on."]
    mouse.release()
    assert opened.desk.case is None
    opened.open(case, ct)
    assert opened.node.GetNumberOfControlPoints() == 7


def test_a_scene_that_is_opened_replaces_the_case(opened, slicer_app, tmp_path) -> None:
    opened.person.save_scene(tmp_path / "saved.mrb")
    opened.person.open_scene(tmp_path / "saved.mrb")
    opened.person.wait_until(lambda: opened.listening.lost)
    assert opened.desk.case is None
    assert len(opened.nodes("vtkMRMLMarkupsFiducialNode")) == 1, "what was saved is there, and nobody edits it"
    opened.node.SetNthControlPointPosition(0, 1.0, 2.0, 3.0)
    np.testing.assert_array_equal(opened.at("RCC"), [1.0, 2.0, 3.0])


def test_two_cases_one_after_the_other(opened, case, ct, tmp_path) -> None:
    other = Path(shutil.copytree(case, tmp_path / "other" / "scan2"))
    kinds = sorted(opened.scene.GetNthNode(n).GetClassName() for n in range(opened.scene.GetNumberOfNodes()))
    opened.desk.place("RCC", (1.0, 2.0, 3.0))
    opened.rest()
    opened.open(other, ct)
    assert opened.shown.volume.GetName() == "scan2"
    assert kinds == sorted(opened.scene.GetNthNode(n).GetClassName() for n in range(opened.scene.GetNumberOfNodes()))
    assert opened.desk.state.landmark("RCC").state == "predicted"
    np.testing.assert_array_equal(opened.at("RCC"), opened.reviewed_at("RCC"))


def test_nothing_observes_the_scene_after_the_case_is_closed(reading, case, ct) -> None:
    reading.open(case, ct)
    node = reading.node
    reading.desk.close()
    own = (reading.shown, reading.shown.landmarks, reading.shown.landmarks._place_mode)
    assert not any(each.Observations for each in own)
    node.SetNthControlPointPosition(0, 1.0, 2.0, 3.0)  # nobody minds


def test_the_case_stays_in_the_scene_while_the_engine_is_started_again(reading_with_process, case, ct) -> None:
    reading = reading_with_process
    reading.open(case, ct)
    node = reading.node
    os.kill(reading.desk._engine._process._process.pid, signal.SIGKILL)
    reading.wait(lambda: reading.troubles)
    reading.wait(lambda: reading.desk.case is not None)
    reading.rest()
    assert reading.node is node
    reading.desk.place("LCO", (1.0, 2.0, 3.0))
    np.testing.assert_array_equal(reading.at("LCO"), [-1.0, -2.0, 3.0])
    reading.rest()


def test_an_engine_that_cannot_open_the_case_again_leaves_nothing_in_the_scene(reading_with_process, case, ct) -> None:
    reading = reading_with_process
    before = reading.names()
    reading.open(case, ct)
    case.rename(case.with_name("gone"))
    os.kill(reading.desk._engine._process._process.pid, signal.SIGKILL)
    reading.wait(lambda: len(reading.troubles) > 1)
    assert reading.desk.case is None
    assert reading.names() == before
