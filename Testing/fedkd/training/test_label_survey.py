"""What label maps of a new head may look like, and which are refused before anything is learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.head_cases import bright_ball, on_grid, write_ct
from fedkd.case.head_outlines import styles_of
from fedkd.case.segmentation_file import write_segmentation
from fedkd.errors import ExitCode, FedkdError
from fedkd.training.cases import find_cases, is_test_case
from fedkd.training.head_labels import read_classes
from fedkd.training.label_survey import class_names_of


def case(root: Path, number: int = 0) -> Path:
    name = f"case-{number}"
    assert not is_test_case(name)
    labels = bright_ball()
    write_ct(root / name, labels)
    return root / name


def save(labels: np.ndarray, path: Path) -> None:
    sitk.WriteImage(on_grid(labels), str(path))


def save_segments(labels: np.ndarray, names: Sequence[str], path: Path) -> None:
    write_segmentation(on_grid(labels), styles_of("any", names), path)


def two_halves() -> np.ndarray:
    labels = bright_ball()
    labels[:, :, 20:] *= 2
    return labels


def refused(root: Path, chosen: Sequence[str] | None = None) -> str:
    with pytest.raises(FedkdError) as caught:
        class_names_of(find_cases(root), "balls", chosen)
    assert caught.value.code is ExitCode.TRAINING_DATA_INVALID
    return caught.value.what


def test_numbers_are_classes_named_like_the_head_or_by_the_user(tmp_path: Path) -> None:
    save(two_halves(), case(tmp_path) / "balls.nii.gz")
    cases = find_cases(tmp_path)
    assert class_names_of(cases, "balls", None) == ("balls 1", "balls 2")
    assert class_names_of(cases, "balls", ["right", "left"]) == ("right", "left")
    assert "2" in refused(tmp_path, ["right"])


def test_segments_are_classes_by_name_whatever_their_numbers(tmp_path: Path) -> None:
    swapped = np.choose(two_halves(), [0, 2, 1]).astype(np.uint8)
    save_segments(two_halves(), ("right", "left"), case(tmp_path) / "balls.seg.nrrd")
    save_segments(swapped, ("Left", "Right"), case(tmp_path, 1) / "balls.seg.nrrd")
    names = class_names_of(find_cases(tmp_path), "balls", None)
    assert names == ("right", "left")
    maps = [read_classes(path, names) for path in sorted(tmp_path.glob("*/balls.seg.nrrd"))]
    assert np.array_equal(*(sitk.GetArrayViewFromImage(one) for one in maps))


def test_single_segment_is_the_single_class_whatever_its_name(tmp_path: Path) -> None:
    save_segments(bright_ball(), ("Segment_1",), case(tmp_path) / "balls.seg.nrrd")
    save_segments(bright_ball(), ("Ball",), case(tmp_path, 1) / "balls.seg.nrrd")
    assert class_names_of(find_cases(tmp_path), "balls", None) == ("Segment_1",)
    assert class_names_of(find_cases(tmp_path), "balls", ["ball"]) == ("ball",)


def test_unknown_segment_is_named(tmp_path: Path) -> None:
    save_segments(two_halves(), ("right", "left"), case(tmp_path) / "balls.seg.nrrd")
    save_segments(two_halves(), ("right", "middle"), case(tmp_path, 1) / "balls.seg.nrrd")
    assert "middle" in refused(tmp_path)


@pytest.mark.parametrize("name", ["a\x1b[2J", "left%s", "x" * 65, "a,b", " "])
def test_names_that_could_harm_other_programs_are_refused(tmp_path: Path, name: str) -> None:
    save(bright_ball(), case(tmp_path) / "balls.nii.gz")
    assert "\x1b" not in refused(tmp_path, [name])


def test_label_maps_that_teach_nothing_or_wrong_things_are_refused(tmp_path: Path) -> None:
    folder = case(tmp_path)
    save(bright_ball() * 0, folder / "balls.nii.gz")
    assert "marks anything" in refused(tmp_path)
    save(bright_ball().astype(np.int16) * 100, folder / "balls.nii.gz")
    assert "at most 63" in refused(tmp_path)
    save(-bright_ball().astype(np.int16), folder / "balls.nii.gz")
    assert "negative" in refused(tmp_path)
    elsewhere = on_grid(bright_ball())
    elsewhere.SetOrigin((300.0, 0.0, 0.0))
    sitk.WriteImage(elsewhere, str(folder / "balls.nii.gz"))
    assert "outside its CT" in refused(tmp_path)


def test_label_on_another_grid_is_taken(tmp_path: Path) -> None:
    shrunk = sitk.Shrink(on_grid(bright_ball()), (2, 2, 2))
    sitk.WriteImage(shrunk, str(case(tmp_path) / "balls.nrrd"))
    assert class_names_of(find_cases(tmp_path), "balls", None) == ("balls",)
