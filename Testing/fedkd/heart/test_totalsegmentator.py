"""TotalSegmentator as a command: a stand-in of the same shape is put on the search path."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import ct_image
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.heart.label_names import heart_labels, label_names
from fedkd.heart.totalsegmentator import (
    TotalSegmentatorRun,
    is_installed,
    region_by_totalsegmentator,
    region_from_totalsegmentator,
)
from fedkd.volumes import CtSource, CtVolume

GRID = Grid((60, 60, 60), (2.0, 2.0, 2.0), (-60.0, -90.0, 480.0))
CENTER = np.array([-2.0, -34.0, 535.0])


@pytest.fixture(scope="module")
def ct() -> CtVolume:
    return CtVolume(ct_image(GRID), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


def ball(radius_mm: float, center=CENTER) -> np.ndarray:
    """A ball in the order of NIfTI arrays (xyz)."""
    index = np.moveaxis(np.indices(GRID.size_xyz), 0, -1)
    return (np.linalg.norm(GRID.index_to_lps(index) - center, axis=-1) < radius_mm).astype(np.uint8)


def save(path: Path, values_xyz: np.ndarray, names: dict[int, str] | None = None) -> Path:
    """A mask as TotalSegmentator writes it, the names of labels in a header extension."""
    affine = np.diag([-2.0, -2.0, 2.0, 1.0])
    affine[:3, 3] = np.array(GRID.origin_lps_mm) * (-1, -1, 1)
    image = nibabel.Nifti1Image(values_xyz.astype(np.uint8), affine)
    if names is not None:
        rows = "".join(
            f'<Label Key="{key}" Red="1.0" Alpha="1"><![CDATA[{name}]]></Label>\n' for key, name in names.items()
        )
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?> <CaretExtension>  <VolumeInformation Index="0">   <LabelTable>\n'
            f"{rows}  </LabelTable>  <VolumeType><![CDATA[Label]]></VolumeType>   </VolumeInformation>"
            "</CaretExtension>\n              "
        )
        image.header.extensions.append(nibabel.nifti1.Nifti1Extension(0, xml.encode()))
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)
    return path


def assert_around_center(region) -> None:
    assert region.source == "TotalSegmentator"
    np.testing.assert_allclose(region.center_lps_mm, CENTER, atol=0.5)
    np.testing.assert_allclose(np.subtract(region.high_lps_mm, region.low_lps_mm), 60, atol=5)


def test_folder_of_masks(tmp_path, ct):
    save(tmp_path / "heart.nii.gz", ball(30))
    save(tmp_path / "liver.nii.gz", ball(30, CENTER + (0, 0, -40)))
    assert_around_center(region_from_totalsegmentator(tmp_path, ct))


def test_folder_of_chambers(tmp_path, ct):
    heart = ball(30)
    left = heart.copy()
    left[:30] = 0
    save(tmp_path / "heart_ventricle_left.nii.gz", left)
    save(tmp_path / "heart_atrium_right.nii.gz", heart - left)
    save(tmp_path / "pulmonary_artery.nii.gz", ball(20, CENTER + (0, 0, 40)))
    assert_around_center(region_from_totalsegmentator(tmp_path, ct))


@pytest.mark.parametrize("label", [51, 3], ids=["total", "other numbers"])
def test_file_of_all_labels_is_read_by_its_names(tmp_path, ct, label):
    values = ball(45, CENTER + (0, 0, -20)) * 5
    values[ball(30) > 0] = label
    path = save(tmp_path / "all.nii.gz", values, {5: "liver", label: "heart", 52: "aorta"})
    assert heart_labels(path) == {label}
    assert_around_center(region_from_totalsegmentator(path, ct))


def test_file_of_chambers_by_names(tmp_path, ct):
    values = ball(30)
    values[:30] *= 2
    path = save(tmp_path / "all.nii", values, {1: "heart_myocardium", 2: "heart_atrium_left", 6: "aorta"})
    assert_around_center(region_from_totalsegmentator(path, ct))


@pytest.mark.parametrize("kind", ["empty mask", "empty folder", "no heart among the labels"])
def test_no_heart(tmp_path, ct, kind):
    output = tmp_path
    if kind == "empty mask":
        save(tmp_path / "heart.nii.gz", ball(0))
    elif kind == "no heart among the labels":
        output = save(tmp_path / "all.nii.gz", ball(30), {1: "liver"})
    with refusal(ExitCode.HEART_NOT_FOUND, where="ct.nii.gz"):
        region_from_totalsegmentator(output, ct)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<LabelTable",
        b"<LabelTable><Label>heart</Label></LabelTable>",
        b'<LabelTable><Label Key="x">heart</Label></LabelTable>',
        b'<!DOCTYPE a [<!ENTITY b "heart">]><LabelTable><Label Key="1">&b;</Label></LabelTable>',
        b"<LabelTable>" + b" " * 2_000_000 + b"</LabelTable>",
    ],
    ids=["none", "cut", "no key", "odd key", "entity", "huge"],
)
def test_odd_label_tables_are_ignored(tmp_path, xml):
    image = nibabel.Nifti1Image(ball(30), np.eye(4))
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension(0, xml))
    nibabel.save(image, tmp_path / "all.nii.gz")
    assert label_names(tmp_path / "all.nii.gz") == {}
    assert heart_labels(tmp_path / "all.nii.gz") is None


STAND_IN = """
    import argparse, sys, time
    from pathlib import Path
    import SimpleITK as sitk

    parser = argparse.ArgumentParser()
    parser.add_argument("-i", required=True)
    parser.add_argument("-o", type=Path, required=True)
    parser.add_argument("-rs", "--roi_subset", nargs="+")
    parser.add_argument("-f", "--fast", action="store_true")
    parser.add_argument("-d", "--device", default="gpu")
    parser.add_argument("-q", "--quiet", action="store_true")
    args = parser.parse_args()
    assert args.roi_subset == ["heart"] and args.device == "cpu" and args.fast

    # Its own settings say that every run is reported to its authors; ours must not.
    import json, os
    assert json.loads(Path(os.environ["TOTALSEG_HOME_DIR"], "config.json").read_text())["send_usage_stats"] is False
"""
WRITES_HEART = """
    args.o.mkdir()
    heart = sitk.Cast(sitk.ReadImage(args.i) > -990, sitk.sitkUInt8)
    sitk.WriteImage(heart, str(args.o / "heart.nii.gz"))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts a script named TotalSegmentator with the given end on the search path."""

    def install(ending: str) -> None:
        script = tmp_path / "bin" / "TotalSegmentator"
        script.parent.mkdir()
        script.write_text(f"#!{sys.executable}\n" + textwrap.dedent(STAND_IN) + textwrap.dedent(ending))
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(script.parent) + os.pathsep + os.environ["PATH"])

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return install


def leftovers(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("fedkd-heart-*"))


def test_the_command_is_run_and_its_heart_read(tmp_path, ct, stand_in):
    stand_in(WRITES_HEART)
    assert is_installed()
    region = region_by_totalsegmentator(ct, TotalSegmentatorRun())
    body = sitk.LabelShapeStatisticsImageFilter()
    body.Execute(sitk.Cast(ct.image > -990, sitk.sitkUInt8))
    np.testing.assert_allclose(region.center_lps_mm, body.GetCentroid(1), atol=0.5)
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("variable", ["TOTALSEG_WEIGHTS_PATH", "TOTALSEG_HOME_DIR", None])
def test_its_weights_are_where_the_user_keeps_them(tmp_path, ct, stand_in, monkeypatch, variable):
    for name in ("TOTALSEG_WEIGHTS_PATH", "TOTALSEG_HOME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "kept"))
    expected = {
        "TOTALSEG_WEIGHTS_PATH": tmp_path / "kept",
        "TOTALSEG_HOME_DIR": tmp_path / "kept" / "nnunet" / "results",
        None: tmp_path / "home" / ".totalsegmentator" / "nnunet" / "results",
    }[variable]
    stand_in(f"\n    assert os.environ['TOTALSEG_WEIGHTS_PATH'] == {str(expected)!r}" + WRITES_HEART)
    region_by_totalsegmentator(ct, TotalSegmentatorRun())
    assert not (tmp_path / "home").exists(), "nothing is written to its settings"


def test_its_words_are_told_without_folders(ct, stand_in):
    stand_in("sys.exit('No such file: /home/jane/.totalsegmentator/weights.pth')")
    with refusal(ExitCode.DEPENDENCY_MISSING, "No such file: weights.pth"):
        region_by_totalsegmentator(ct, TotalSegmentatorRun())


def test_a_program_that_lies_in_the_current_folder_is_not_run(tmp_path, stand_in, monkeypatch):
    stand_in(WRITES_HEART)
    assert is_installed()
    monkeypatch.chdir(tmp_path / "bin")
    assert not is_installed()


def test_not_installed(tmp_path, ct, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not is_installed()
    with refusal(ExitCode.DEPENDENCY_MISSING, "pip install TotalSegmentator", where="TotalSegmentator"):
        region_by_totalsegmentator(ct, TotalSegmentatorRun())


def test_failure_is_told_in_its_own_words(tmp_path, ct, stand_in):
    stand_in("print('loading'); sys.exit('No weights and no network')")
    with refusal(ExitCode.DEPENDENCY_MISSING, "No weights and no network", where="TotalSegmentator"):
        region_by_totalsegmentator(ct, TotalSegmentatorRun())
    assert not leftovers(tmp_path)


def test_no_output_is_no_heart(ct, stand_in):
    stand_in("")
    with refusal(ExitCode.HEART_NOT_FOUND):
        region_by_totalsegmentator(ct, TotalSegmentatorRun())


def test_timeout(tmp_path, ct, stand_in):
    stand_in("time.sleep(60)")
    start = time.monotonic()
    with refusal(ExitCode.DEPENDENCY_MISSING, "longer than"):
        region_by_totalsegmentator(ct, TotalSegmentatorRun(timeout_s=1.0))
    assert time.monotonic() - start < 10
    assert not leftovers(tmp_path)


def test_cancel_ends_it_even_when_it_does_not_want_to(tmp_path, ct, stand_in):
    flag = tmp_path / "started"
    stand_in(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); Path({str(flag)!r}).touch(); time.sleep(60)"
    )
    with refusal(ExitCode.INTERRUPTED, "cancelled"):
        region_by_totalsegmentator(ct, TotalSegmentatorRun(is_cancelled=flag.exists))
    assert not leftovers(tmp_path)
