"""What a head of one's own outlined is in scene.mrb as a segmentation of its own, where its file has it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.scene_case import SceneCaseRecipe, environment
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.head_outlines import outline_file, styles_of
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

RELOAD = Path(__file__).resolve().parents[1] / "builders" / "reload_scene.py"
HEAD = "coronaries"
# Voxels (z, y, x) of each class; nothing is outlined of the last.
BOXES = {
    "right coronary": (slice(10, 14), slice(20, 26), slice(30, 33)),
    "left coronary": (slice(30, 33), slice(40, 42), slice(12, 17)),
    "bypass": None,
}


def test_a_head_of_ones_own_is_in_the_scene_where_its_file_has_it(tmp_path: Path) -> None:
    case = SceneCaseRecipe("oblique", (0.9, 0.9, 2.0)).make(tmp_path)
    grid = Grid.of(sitk.ReadImage(str(case.ct_file)))
    label_map = np.zeros(grid.size_xyz[::-1], np.uint8)
    for number, box in enumerate(BOXES.values(), start=1):
        if box is not None:
            label_map[box] = number
    write_segmentation(grid.to_image(label_map), styles_of(HEAD, list(BOXES)), case.folder / outline_file(HEAD))
    provenance = case.folder / "provenance.json"
    gone = {"head": "gone", "file": outline_file("gone")}
    known = {"outlines": [{"head": HEAD, "file": outline_file(HEAD)}, gone]}
    provenance.write_text(json.dumps(json.loads(provenance.read_text()) | known))

    outcome = case.build()
    assert outcome.returncode == 0, outcome.stderr
    command = [sys.executable, str(RELOAD), str(case.folder / "scene.mrb")]
    reloaded = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=300)
    assert reloaded.returncode == 0, reloaded.stderr
    scene = json.loads(reloaded.stdout)
    assert list(scene["outlines"]) == [HEAD], "a file that is not there is left out"
    outline = scene["outlines"][HEAD]
    assert (outline["model"], outline["notice"]) == ("student-1", NOT_FOR_CLINICAL_USE)
    assert list(outline["segments"]) == list(BOXES)
    for number, (name, voxels_kji) in enumerate(outline["segments"].items(), start=1):
        assert voxels_kji == np.argwhere(label_map == number).tolist(), name
    assert HEAD in scene["folder"]["children"]
