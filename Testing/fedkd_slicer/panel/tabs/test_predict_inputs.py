"""Where CTs come from: the scene, the DICOM database, lists of several; and what becomes of patients' names."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import slicer

from builders.ct_images import GRID
from builders.dicom_series import SeriesSpec, write_series
from builders.predict_panel import choose_file, choose_worklist, click_case, is_open, states
from doubles.run_command import small_ct, small_cts
from harness.application.dicom_database import StoredSeries
from harness.fixtures import SlicerApp
from harness.person import Person


def load(person: Person, ct: Path) -> slicer.vtkMRMLScalarVolumeNode:
    volume = slicer.util.loadVolume(str(ct))
    person.wait()
    return volume


def test_a_volume_of_the_scene_is_predicted_and_shown_where_it_is(person: Person, tmp_path: Path) -> None:
    volume = load(person, small_ct(tmp_path / "Some scan.nii.gz"))
    before = volume.GetStorageNode().GetFileName()
    person.choose("volumeSelector", "Some scan")
    person.type_text("caseName", "case 7/a")
    person.press("Predict")
    person.wait_until(lambda: is_open(person, "case_7_a"), 60)
    assert volume.GetStorageNode().GetFileName() == before, "the volume belongs to the file it came from"
    shown = [node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]
    assert shown == [volume.GetID()], "the reader's own volume is shown, not a copy"
    copies = list((tmp_path / "results").glob(".panel-*"))
    assert [oct(copy.stat().st_mode)[-3:] for copy in copies] == ["700"]
    person.reload_module()
    assert list((tmp_path / "results").glob(".panel-*")) == []


def test_a_volume_that_a_transform_moves_is_refused(person: Person, tmp_path: Path) -> None:
    volume = load(person, small_ct(tmp_path / "moved.nii.gz"))
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(transform.GetID())
    person.choose("volumeSelector", "moved")
    person.press("Predict")
    assert "moved by a transform" in person.sees()
    assert "Harden the transform" in person.sees()


def test_a_volume_that_is_removed_while_it_is_predicted(person: Person, tmp_path: Path) -> None:
    volume = load(person, small_ct(tmp_path / "good.nii.gz"))
    person.choose("volumeSelector", "good")
    person.type_text("caseName", "slow")
    person.press("Predict")
    slicer.mrmlScene.RemoveNode(volume)
    person.wait_until(lambda: is_open(person, "slow"), 60)
    assert len(slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")) == 1, "the case's own copy of the CT"
    person.wait_until(lambda: person.find("Predict").toolTip == "Choose a CT first.", 60)
    assert not person.find("Predict").enabled


def test_a_dicom_series_is_predicted_without_the_patients_name(person: Person, tmp_path: Path) -> None:
    voxels = np.zeros(GRID.size_xyz[::-1])
    voxels[:, : GRID.size_xyz[1] // 2] = -1000
    folder = tmp_path / "Secret^Name"
    write_series(folder, voxels, GRID, SeriesSpec(study_uid="1.2.3"))
    files = tuple(sorted(path for path in folder.rglob("*") if path.is_file()))
    slicer.dicomDatabase.add(StoredSeries("1", "1.2.3", "1.2.3.4", files, "Secret^Name", "Heart", "CTA", CT_VALUES))
    slicer.dicomDatabase.add(StoredSeries("1", "1.2.3", "1.2.3.5", files, "Secret^Name", "Heart", "MR", MR_VALUES))
    person.choose("inputKind", "A series of Slicer's DICOM database")
    person.choose("seriesSelector", "Secret^Name - Heart - CTA")
    assert "made from a hash" in person.sees()
    person.press("Predict")
    person.wait_until(lambda: states(person), 60)
    [name] = states(person)
    assert name.startswith("ct-")
    person.wait_until(lambda: person.find("Predict").enabled, 90)
    written = [path for path in (tmp_path / "results").rglob("*") if path.is_file() and ".panel-" not in str(path)]
    assert written
    assert not [path for path in written if "Secret" in str(path)]
    assert b"Secret" not in b"".join(path.read_bytes() for path in written if path.suffix in (".json", ".csv"))


CT_VALUES = (("0008,0060", "CT"),)
MR_VALUES = (("0008,0060", "MR"),)


def test_a_worklist_runs_in_the_background_while_cases_are_reviewed(person: Person, tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "anna", "bert", "fails_c", "slow_d", "emil")
    choose_worklist(person, tmp_path / "cts")
    person.press("Predict")
    person.wait_until(lambda: states(person), 60)
    assert list(states(person)) == ["anna", "bert", "emil", "fails_c", "slow_d"]
    person.wait_until(lambda: is_open(person, "anna"), 90)
    person.wait_until(lambda: states(person)["bert"] == "To be reviewed", 90)
    click_case(person, "bert")
    person.wait_until(lambda: is_open(person, "bert"), 90)
    person.wait_until(lambda: person.find("Predict").enabled, 90)
    assert "1 of 5 cases failed: fails_c." in person.sees()
    assert "Click a failed case in the list to see why." in person.sees()
    assert is_open(person, "bert"), "a case that ends later does not push itself in front"
    click_case(person, "fails_c")
    assert "What to do: Take another CT." in person.sees()
    person.press("Accept all landmarks and the case")
    person.wait_until(lambda: states(person)["bert"] == "Open: Accepted", 60)
    assert "4 of 5 cases are finished, 1 reviewed." in person.sees()
    assert json.loads((tmp_path / "results" / "bert" / "review.json").read_text())["decision"] == "accepted"


def test_a_table_names_the_cts(person: Person, slicer_app: SlicerApp, tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "anna", "bert")
    table = tmp_path / "cts" / "worklist.csv"
    table.write_text("site,ct\nA,anna.nii.gz\nA,gone.nii.gz\nB,bert.nii.gz\n")
    person.choose("inputKind", "Several CTs: a folder or a CSV file")
    slicer_app.dialogs.answer("Choose the CSV file", str(table))
    person.press("CSV...")
    person.press("Predict")
    person.wait_until(lambda: "1 of 3 cases failed: gone." in person.sees(), 90)
    assert states(person)["gone"] == "Failed"
    click_case(person, "gone")
    assert "no such file" in person.sees().lower()


def test_a_list_that_holds_no_ct_is_told(person: Person, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    choose_worklist(person, tmp_path / "empty")
    person.press("Predict")
    person.wait_until(lambda: "There is no CT in this folder" in person.sees(), 60)
    (tmp_path / "damaged.nii.gz").write_bytes(gzip.compress(b"x" * 1000))
    choose_file(person, tmp_path / "damaged.nii.gz")
    assert "There is no CT in this folder" not in person.sees(), "another choice takes the message away"
    person.press("Predict")
    person.wait_until(lambda: states(person) == {"damaged": "Failed"}, 60)
