"""Runs: reproducible, never overlapping, resumable, written as whole folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.cli.phantom import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.phantom import Field, make_cases, make_phantom
from fedkd.phantom.cases import case_seeds
from fedkd.phantom.make import case_id
from fedkd.pointsets import read_points


def test_a_seed_makes_the_same_phantom_bit_for_bit() -> None:
    first, second = make_phantom(41, Field.ROOT), make_phantom(41, Field.ROOT)
    np.testing.assert_array_equal(first.ct, second.ct)
    np.testing.assert_array_equal(first.heart, second.heart)
    np.testing.assert_array_equal(first.calcification, second.calcification)
    assert first.points == second.points
    assert first.description == second.description
    assert not np.array_equal(first.ct, make_phantom(42, Field.ROOT).ct)


@given(a=st.integers(0, 1000), b=st.integers(0, 1000), cases=st.integers(1, 100_000))
def test_runs_with_different_seeds_share_no_case(a: int, b: int, cases: int) -> None:
    if a != b:
        first, second = case_seeds(a, cases), case_seeds(b, cases)
        assert first[-1] < second[0] or second[-1] < first[0]


def test_cases_are_written_with_all_files(tmp_path: Path) -> None:
    (folder,) = make_cases(tmp_path, 1, 7, Field.ROOT)
    assert folder.name == case_id(700_000, Field.ROOT) == "phantom-root-700000"
    made = make_phantom(700_000, Field.ROOT)
    ct = sitk.ReadImage(str(folder / "ct.nii.gz"))
    assert ct.GetPixelID() == sitk.sitkInt16
    np.testing.assert_array_equal(sitk.GetArrayFromImage(ct), made.ct)
    np.testing.assert_allclose(Grid.of(ct).origin_lps_mm, made.grid.origin_lps_mm, atol=1e-3)
    for name in ("heart.nii.gz", "calcification.nii.gz", "coronaries.nii.gz"):
        assert sitk.ReadImage(str(folder / name)).GetSize() == ct.GetSize()
    points = read_points(folder / "landmarks.mrk.json")
    assert points.labels == LANDMARK_NAMES
    for name, position in made.points.items():
        np.testing.assert_allclose(points.position_lps_mm(name), position, atol=1e-3)
    case = json.loads((folder / "case.json").read_text())
    assert (case["id"], case["family"], case["seed"]) == (folder.name, "phantom", 700_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name]


def test_finished_cases_are_left_alone(tmp_path: Path) -> None:
    (folder,) = make_cases(tmp_path, 1, 7, Field.ABDOMEN)
    before = (folder / "ct.nii.gz").stat().st_mtime_ns
    make_cases(tmp_path, 2, 7, Field.ABDOMEN)
    assert (folder / "ct.nii.gz").stat().st_mtime_ns == before
    assert len(list(tmp_path.iterdir())) == 2
    assert not (folder / "landmarks.mrk.json").exists()


def test_several_processes_make_the_same_cases(tmp_path: Path) -> None:
    make_cases(tmp_path / "one", 2, 9, Field.ABDOMEN)
    make_cases(tmp_path / "two", 2, 9, Field.ABDOMEN, jobs=2)
    for folder in (tmp_path / "one").iterdir():
        assert (folder / "ct.nii.gz").read_bytes() == (tmp_path / "two" / folder.name / "ct.nii.gz").read_bytes()


def test_a_file_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(FedkdError) as caught:
        make_cases(tmp_path / "out", 1, 1, Field.ABDOMEN)
    assert caught.value.code is ExitCode.OUTPUT_NOT_WRITABLE


def test_the_command_makes_cases_and_refuses_unknown_fields(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["make", str(tmp_path), "--cases", "1", "--seed", "2", "--field", "abdomen"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "phantom-abdomen-200000" / "case.json").is_file()
    assert CliRunner().invoke(app, ["make", str(tmp_path), "--field", "knee"]).exit_code == 2
