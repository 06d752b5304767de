"""Slicer's own reader opens calcification.seg.nrrd with voxels, place, name, color and codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.scene_case import environment
from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS
from fedkd.case.calcified_box import terminology_entry
from fedkd.case.segmentation_file import read_calcified_parts, read_label_map, write_segmentation

pytest.importorskip("slicer", reason="slicer-core is not installed")

# In a process of its own: Slicer's core cannot be unloaded.
READ = """
import json, sys
import numpy as np
import slicer, vtk

storage = slicer.vtkMRMLSegmentationStorageNode()
storage.SetFileName(sys.argv[1])
scene = slicer.vtkMRMLScene()
node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
assert storage.ReadData(node) == 1
segmentation = node.GetSegmentation()
segment = segmentation.GetNthSegment(0)
label_map = segment.GetRepresentation("Binary labelmap")
tag = vtk.reference("")
segment.GetTag(segment.GetTerminologyEntryTagName(), tag)
matrix = vtk.vtkMatrix4x4()
label_map.GetImageToWorldMatrix(matrix)
to_world = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
extent = label_map.GetExtent()
points = []
for k in range(extent[4], extent[5] + 1):
    for j in range(extent[2], extent[3] + 1):
        for i in range(extent[0], extent[1] + 1):
            if label_map.GetScalarComponentAsDouble(i, j, k, 0):
                points.append((to_world @ [i, j, k, 1])[:3].tolist())
print(json.dumps({
    "segments": segmentation.GetNumberOfSegments(), "id": segmentation.GetNthSegmentID(0), "name": segment.GetName(),
    "color": segment.GetColor(), "tag": str(tag), "points_ras": points,
}))
"""


def test_slicer_reads_the_segment_where_we_wrote_it(tmp_path: Path) -> None:
    import json

    voxels = np.zeros((6, 7, 8), np.uint8)
    voxels[2, 3, 4] = voxels[2, 3, 5] = voxels[5, 0, 7] = 1
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.4, 0.5, 2.0))
    image.SetOrigin((-50.0, 20.0, -700.0))
    image.SetDirection(sitk.Euler3DTransform((0, 0, 0), 0.2, -0.4, 2.5).GetMatrix())
    path = tmp_path / "calcification.seg.nrrd"
    write_segmentation(image, (CALCIFICATION,), path)

    ran = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout.splitlines()[-1])

    assert (seen["segments"], seen["id"], seen["name"]) == (1, CALCIFICATION.segment_id, CALCIFICATION.name)
    assert np.allclose(seen["color"], CALCIFICATION.color_rgb)
    assert seen["tag"] == terminology_entry(CALCIFICATION)
    ours = [image.TransformIndexToPhysicalPoint(index[::-1].tolist()) for index in np.argwhere(voxels)]
    expected = sorted((-x, -y, z) for x, y, z in ours)
    assert np.allclose(sorted(map(tuple, seen["points_ras"])), expected, atol=1e-6)


# A reader's session: open the file as the scene does, take a cube from one part and give it to another, and save.
EDIT = """
import sys
from pathlib import Path
import numpy as np
import slicer
from fedkd.case.segmentation_file import read_calcified_box
from fedkd_slicer.core_without_application import start_core
from fedkd_slicer.segmentation_nodes import add_calcification, has_voxels

core = start_core(Path(sys.argv[1]))
volume = core.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
storage = volume.CreateDefaultStorageNode()
storage.SetFileName(sys.argv[2])
assert storage.ReadData(volume) == 1
node = add_calcification(core.scene, read_calcified_box(Path(sys.argv[3])), volume)
assert has_voxels(node)
segmentation = node.GetSegmentation()
assert segmentation.GetNumberOfLayers() == 1
image = slicer.vtkOrientedImageData()
node.GetBinaryLabelmapRepresentation("calcification_rcc", image)
set_labelmap = slicer.vtkSlicerSegmentationsModuleLogic.SetBinaryLabelmapToSegment
merge = slicer.vtkSlicerSegmentationsModuleLogic
assert set_labelmap(image, node, "calcification_ncc", merge.MODE_MERGE_MAX)
empty = slicer.vtkOrientedImageData()
empty.DeepCopy(image)
empty.GetPointData().GetScalars().Fill(0)
assert set_labelmap(empty, node, "calcification_rcc", merge.MODE_REPLACE)
out = node.GetStorageNode()
out.SetFileName(sys.argv[4])
assert out.WriteData(node) == 1
"""


def test_parts_edited_and_saved_in_slicer_are_read_again(tmp_path: Path) -> None:
    voxels = np.zeros((8, 9, 10), np.uint8)
    voxels[1:3, 1:3, 1:3], voxels[1:3, 5:7, 1:3], voxels[5:7, 5:7, 5:7], voxels[7, 8, 9] = 1, 2, 3, 4
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.4, 0.5, 2.0))
    image.SetDirection(sitk.Euler3DTransform((0, 0, 0), 0.2, -0.4, 2.5).GetMatrix())
    ours, ct, edited = (tmp_path / name for name in ("ours.seg.nrrd", "ct.nrrd", "edited.seg.nrrd"))
    write_segmentation(image, tuple(CALCIFIED_PARTS.values()), ours)
    sitk.WriteImage(sitk.Cast(image, sitk.sitkInt16), str(ct))

    command = [sys.executable, "-c", EDIT, str(tmp_path), str(ct), str(ours), str(edited)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment())
    assert ran.returncode == 0, ran.stderr

    expected = np.where(voxels == 1, 3, voxels)
    on_ct = sitk.Resample(read_calcified_parts(edited), image, sitk.Transform(), sitk.sitkNearestNeighbor)
    assert np.array_equal(sitk.GetArrayFromImage(on_ct), expected)
    union = sitk.Resample(read_label_map(edited), image, sitk.Transform(), sitk.sitkNearestNeighbor)
    assert np.array_equal(sitk.GetArrayFromImage(union) != 0, voxels != 0)
