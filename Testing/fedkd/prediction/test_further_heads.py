"""Outlines of heads that are not ours: where the network looked, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from builders.tiny_models import STUDENT
from fedkd.case.head_outlines import HeadOutline, write_outlines
from fedkd.case.segmentation_file import named_labels
from fedkd.geometry import Grid
from fedkd.models import StageSpec
from fedkd.prediction.further_heads import further_heads_of_several, outline_further_heads

STAGE = StageSpec.model_validate(
    STUDENT.model_dump()
    | {
        "network": STUDENT.network.model_dump() | {"heads": {"hps": 6, "ms": 3, "calc": 2, "arteries": 3}},
        "class_names": {"arteries": ("right", "left")},
    }
)
CROP = Grid.centered((10.0, 20.0, 30.0), (32, 32, 32), 1.5)


def outlined(ct: sitk.Image) -> HeadOutline:
    """The left half of the crop is class 1, the right half class 2, a border of two voxels background."""
    classes = np.zeros((32, 32, 32), int)
    classes[2:-2, 2:-2, 2:16], classes[2:-2, 2:-2, 16:-2] = 1, 2
    maps = {"arteries": np.moveaxis(np.eye(3, dtype=np.float32)[classes], -1, 0)}
    (outline,) = outline_further_heads(ct, STAGE, maps, CROP)
    return outline


def ct_on(grid: Grid) -> sitk.Image:
    return grid.to_image(np.zeros(grid.size_xyz[::-1], np.int16))


def test_classes_lie_where_the_network_saw_them_on_an_oblique_grid() -> None:
    turn = Rotation.from_rotvec([0.3, -0.2, 0.4]).as_matrix()
    grid = Grid.centered((10.0, 20.0, 30.0), (90, 90, 90), 0.8).turned(turn)
    outline = outlined(ct_on(grid))
    label_map = outline.label_map
    assert Grid.of(label_map) == Grid.of(ct_on(grid))
    for point, wanted in (((2.0, 20.0, 30.0), 1), ((18.0, 20.0, 30.0), 2), ((10.0, 20.0, 60.0), 0)):
        index = np.rint(grid.lps_to_index(point)).astype(int).tolist()
        if all(0 <= i < 90 for i in index):
            assert label_map[index] == wanted
    volumes = outline.volumes_mm3()
    half_mm3 = 14 * 28 * 28 * 1.5**3
    assert list(volumes) == ["right", "left"]
    assert all(abs(volume / half_mm3 - 1) < 0.03 for volume in volumes.values())


def test_nothing_is_said_of_a_ct_that_the_crop_does_not_meet() -> None:
    outline = outlined(ct_on(Grid.centered((500.0, 0.0, 0.0), (10, 10, 10), 1.0)))
    assert not sitk.GetArrayViewFromImage(outline.label_map).any()
    assert "only a cube of 48 mm" in outline.what_was_looked_at


def test_heads_without_class_names_are_left_alone() -> None:
    assert outline_further_heads(ct_on(CROP), STUDENT, {}, CROP) == ()


def test_file_has_one_named_segment_for_each_class(tmp_path: Path) -> None:
    outline = outlined(ct_on(CROP))
    write_outlines(tmp_path, [outline])
    assert named_labels(tmp_path / "arteries.seg.nrrd") == (("right", 1), ("left", 2))
    stored = sitk.ReadImage(str(tmp_path / "arteries.seg.nrrd"))
    assert np.array_equal(sitk.GetArrayViewFromImage(stored), sitk.GetArrayViewFromImage(outline.label_map))


def test_of_several_models_the_first_outlines_and_the_reader_is_told() -> None:
    outline = outlined(ct_on(CROP))
    chosen, notes = further_heads_of_several([("one", outline), ("two", outline)])
    assert chosen == (outline,)
    assert notes == ("arteries: outlined by one alone.",)
