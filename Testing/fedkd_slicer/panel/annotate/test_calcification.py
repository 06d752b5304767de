"""Calcification is set up for Slicer's Segment Editor, and saved beside the reading without the search region.

The editor itself is not part of Slicer's core: its parameters are checked, and painting is done by filling voxels.
"""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import slicer

from builders.annotate_person import TRUTH_RAS_MM, Observer
from fedkd_slicer.panel.scene.reading_calcium import REGION_ID
from harness.application.modules import CoreModule


@pytest.fixture
def with_hinge_points(observer: Observer) -> tuple[Observer, str]:
    slicer.app.moduleManager().add(CoreModule("SegmentEditor", None))
    observer.list_cases()
    case = observer.open_next()
    observer.person.press("4.  Mark the calcification (if your study asks for it)")
    assert not observer.person.find("segmentEditorButton").enabled
    for label in ("RCC", "LCC", "NCC"):
        observer.click(label)
        observer.person.press_keys("N")
    return observer, case


def paint(hu_from: float) -> int:
    """Mark some voxels that the editor would let an observer paint; returns how many."""
    (node,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    (ct,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    region = slicer.util.arrayFromSegmentBinaryLabelmap(node, REGION_ID, ct) > 0
    marked = region & (slicer.util.arrayFromVolume(ct) >= hu_from)
    slicer.util.updateSegmentBinaryLabelmapFromArray(marked.astype(np.uint8), node, "calcification", ct)
    return int(marked.sum())


def test_it_is_marked_in_the_editor_and_saved_on_coming_back(with_hinge_points: tuple[Observer, str]) -> None:
    observer, case = with_hinge_points
    observer.person.type_text("calciumThreshold", "420")
    observer.person.press("Open the Segment Editor")
    editor = slicer.mrmlScene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
    assert editor.GetSourceVolumeIntensityMask()
    assert editor.GetSourceVolumeIntensityMaskRange()[0] == 420
    assert editor.GetMaskSegmentID() == REGION_ID
    assert editor.GetSelectedSegmentID() == "calcification"
    count = paint(405.0)
    assert count > 100
    observer.person.open_module("FedKDSlicer")
    observer.person.wait_until(lambda: observer.draft(case)["calcification"], 30)
    file = observer.readings / "obs07" / case / "calcification.seg.nrrd"
    ct = sitk.ReadImage(str(observer.cts / f"{case}.nii.gz"))
    assert "search_region" not in file.read_bytes()[:4000].decode("latin-1")
    image = sitk.ReadImage(str(file))
    assert int(sitk.GetArrayViewFromImage(image).astype(bool).sum()) == count
    assert image.GetSpacing() == pytest.approx(ct.GetSpacing())
    assert [each.name for each in file.parent.iterdir() if each.name.startswith(".")] == []


def test_it_is_there_again_when_the_draft_goes_on(with_hinge_points: tuple[Observer, str]) -> None:
    observer, case = with_hinge_points
    observer.person.press("Open the Segment Editor")
    count = paint(405.0)
    observer.person.open_module("FedKDSlicer")
    observer.person.wait_until(lambda: observer.draft(case)["calcification"], 30)
    observer.person.press("closeReadingButton")
    observer.person.wait_until(lambda: "Go on with the draft" in observer.person.sees(), 60)
    assert slicer.util.getNodesByClass("vtkMRMLSegmentationNode") == []
    observer.open_next()
    observer.person.press("Open the Segment Editor")
    (node,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    (ct,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    assert int(slicer.util.arrayFromSegmentBinaryLabelmap(node, "calcification", ct).sum()) == count
    observer.person.open_module("FedKDSlicer")


def test_the_region_is_a_ball_around_the_annulus(with_hinge_points: tuple[Observer, str]) -> None:
    observer, _ = with_hinge_points
    observer.person.press("Open the Segment Editor")
    (node,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    (ct,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    region = slicer.util.arrayFromSegmentBinaryLabelmap(node, REGION_ID, ct) > 0
    matrix = slicer.util.vtkMatrixFromArray(np.eye(4))
    ct.GetIJKToRASMatrix(matrix)
    k, j, i = np.nonzero(region)
    ras = np.stack([i, j, k, np.ones(len(i))], axis=-1) @ slicer.util.arrayFromVTKMatrix(matrix).T
    hinge = np.array([TRUTH_RAS_MM[label] for label in ("RCC", "LCC", "NCC")])
    away = np.linalg.norm(ras[:, :3] - hinge.mean(axis=0), axis=1)
    assert away.max() < 34
    assert len(i) * np.prod(ct.GetSpacing()) > 0.6 * 4 / 3 * np.pi * 30**3, "less only where the CT ends"
    observer.person.open_module("FedKDSlicer")
