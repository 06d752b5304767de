"""The heart's parts as a label map: numbers, names and mappings; files that are none."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import ct_image, image_of
from builders.expect import refusal
from fedkd.anatomy import HEART_CHANNELS
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import heart_labels_from_file, parse_label_mapping
from fedkd.heart.totalsegmentator import TotalSegmentatorRun, labels_by_totalsegmentator
from fedkd.volumes import CtSource, CtVolume

GRID = Grid((40, 30, 20), (2.0, 2.0, 3.0), (-40.0, -60.0, 500.0))
PARTS = np.zeros((20, 30, 40), np.uint8)
PARTS[8:16] = np.arange(8)[:, None, None]


@pytest.fixture(scope="module")
def ct() -> CtVolume:
    return CtVolume(ct_image(GRID), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


def save(path: Path, values: np.ndarray, grid: Grid = GRID) -> Path:
    sitk.WriteImage(image_of(values, grid), str(path))
    return path


def test_labels_are_the_channels_unless_told_otherwise(tmp_path: Path, ct: CtVolume) -> None:
    labels = heart_labels_from_file(save(tmp_path / "heart.nrrd", PARTS), ct)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(labels.image), PARTS)
    assert labels.source == "heart labels from file heart.nrrd by its numbers"


def test_mapping_gives_each_label_its_part_and_drops_the_others(tmp_path: Path, ct: CtVolume) -> None:
    theirs = PARTS.astype(np.int16) * 100
    mapping = parse_label_mapping("100=aorta, 200 = left ventricle,300=0,700=7")
    assert mapping == {100: 6, 200: 3, 300: 0, 700: 7}
    labels = heart_labels_from_file(save(tmp_path / "heart.nii.gz", theirs), ct, mapping)
    expected = np.choose(PARTS, [0, 6, 3, 0, 0, 0, 0, 7])
    np.testing.assert_array_equal(sitk.GetArrayFromImage(labels.image), expected)
    assert "mapping" in labels.source


def test_names_of_totalsegmentator_are_understood(tmp_path: Path, ct: CtVolume) -> None:
    rows = "".join(
        f'<Label Key="{key}">{name}</Label>'
        for key, name in {9: "heart_atrium_right", 12: "aorta", 5: "liver", 3: "heart_myocardium"}.items()
    )
    values = np.choose(PARTS, [0, 9, 12, 5, 3, 0, 0, 0]).astype(np.uint8)
    affine = np.diag([-2.0, -2.0, 3.0, 1.0])
    affine[:3, 3] = (40.0, 60.0, 500.0)
    image = nibabel.Nifti1Image(values.T, affine)
    xml = f"<CaretExtension><VolumeInformation><LabelTable>{rows}</LabelTable></VolumeInformation></CaretExtension>"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension(0, xml.encode()))
    nibabel.save(image, tmp_path / "total.nii.gz")
    labels = heart_labels_from_file(tmp_path / "total.nii.gz", ct)
    found = sitk.GetArrayFromImage(labels.on(GRID))
    np.testing.assert_array_equal(found, np.choose(PARTS, [0, 4, 6, 0, 1, 0, 0, 0]))
    assert "names" in labels.source


def test_labels_on_another_grid_are_taken_from_the_nearest_voxel(tmp_path: Path, ct: CtVolume) -> None:
    labels = heart_labels_from_file(save(tmp_path / "heart.nrrd", PARTS), ct)
    fine = labels.on(Grid((10, 10, 90), (1.0, 1.0, 1.0), (-20.0, -40.0, 490.0)))
    values = sitk.GetArrayFromImage(fine)[:, 5, 5]
    assert set(values) == set(range(8))
    assert values[0] == values[-1] == 0


@pytest.mark.parametrize("text", ["1", "a=aorta", "1=spleen", "1=8", "1=-1", "1=aorta,1=1", "-1=aorta", "123456=1"])
def test_mappings_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(FedkdError) as caught:
        parse_label_mapping(text)
    assert caught.value.code is ExitCode.USAGE
    assert HEART_CHANNELS[1] in caught.value.what_to_do


def test_files_that_mark_no_parts_in_the_ct_are_refused(tmp_path: Path, ct: CtVolume) -> None:
    with refusal(ExitCode.HEART_MASK_INVALID):
        heart_labels_from_file(save(tmp_path / "empty.nrrd", PARTS * 0), ct)
    with refusal(ExitCode.HEART_MASK_INVALID):
        heart_labels_from_file(save(tmp_path / "other.nrrd", PARTS * 20), ct)
    with refusal(ExitCode.HEART_MASK_INVALID):
        heart_labels_from_file(save(tmp_path / "ct.nrrd", PARTS.astype(np.int16) - 1024), ct)
    far = Grid(GRID.size_xyz, GRID.spacing_mm, (900.0, 0.0, 0.0))
    with refusal(ExitCode.HEART_MASK_INVALID):
        heart_labels_from_file(save(tmp_path / "far.nrrd", PARTS, far), ct)
    (tmp_path / "text.nrrd").write_text("no image")
    with refusal(ExitCode.HEART_MASK_INVALID):
        heart_labels_from_file(tmp_path / "text.nrrd", ct)
    with refusal(ExitCode.INPUT_NOT_FOUND):
        heart_labels_from_file(tmp_path / "nowhere.nrrd", ct)


def test_totalsegmentator_is_asked_for_the_chambers(
    tmp_path: Path, ct: CtVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "bin" / "TotalSegmentator"
    script.parent.mkdir()
    script.write_text(
        f"#!{sys.executable}\n"
        + textwrap.dedent("""
            import sys
            import SimpleITK as sitk

            options = sys.argv
            assert options[options.index("--task") + 1] == "heartchambers_highres" and "--ml" in options
            ct = sitk.ReadImage(options[options.index("-i") + 1])
            sitk.WriteImage(sitk.Cast(ct > -900, sitk.sitkUInt8) * 3, options[options.index("-o") + 1])
        """)
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent) + os.pathsep + os.environ["PATH"])
    labels = labels_by_totalsegmentator(ct, TotalSegmentatorRun())
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(labels.on(ct.grid)), (sitk.GetArrayFromImage(ct.image) > -900) * 3
    )
    assert labels.source == "heart labels by TotalSegmentator"
