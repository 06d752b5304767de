"""From what a user names to a list of cases."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.ct_images import GRID
from builders.dicom_series import SeriesSpec, write_series
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.volumes import list_ct_inputs

FLAT = np.zeros((2, GRID.size_xyz[1], GRID.size_xyz[0]))


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def dicom(folder: Path, study: str = "1.2.3") -> Path:
    write_series(folder, FLAT, GRID, SeriesSpec(study_uid=study))
    return folder


def as_pairs(inputs):
    return [(item.case_id, item.path) for item in inputs]


def test_files_keep_their_order_and_names(tmp_path):
    files = [touch(tmp_path / name) for name in ("b.nii.gz", "a.NRRD", "c.x.mha")]
    assert as_pairs(list_ct_inputs(files)) == list(zip(("b", "a", "c.x"), files, strict=True))


def test_a_file_given_twice_is_one_case(tmp_path):
    file = touch(tmp_path / "a.nii.gz")
    assert as_pairs(list_ct_inputs([file, tmp_path / "." / "a.nii.gz", tmp_path])) == [("a", file)]


def test_a_folder_of_files(tmp_path):
    files = [touch(tmp_path / name) for name in ("a.nii.gz", "b.nrrd", "c.mhd")]
    for junk in ("notes.txt", "a.raw", ".hidden.nii.gz", "a.seg.nrrd"):
        touch(tmp_path / junk)
    assert [item.path for item in list_ct_inputs([tmp_path])] == files


def test_a_folder_with_dicom_is_one_case(tmp_path):
    folder = dicom(tmp_path / "patient 7")
    touch(folder / "export.nii.gz")
    assert as_pairs(list_ct_inputs([folder])) == [("patient_7", folder)]


def test_a_folder_of_dicom_folders_of_several_studies(tmp_path):
    one, two = dicom(tmp_path / "one" / "DICOM" / "S1", "1.1"), dicom(tmp_path / "two", "1.2")
    file = touch(tmp_path / "three.nii")
    found = as_pairs(list_ct_inputs([tmp_path]))
    assert found == [("one", tmp_path / "one"), ("three", file), ("two", two)]
    assert one.is_dir()


def test_series_of_one_study_side_by_side_are_one_case(tmp_path):
    dicom(tmp_path / "study" / "scout", "1.1")
    dicom(tmp_path / "study" / "cta", "1.1")
    assert as_pairs(list_ct_inputs([tmp_path / "study"])) == [("study", tmp_path / "study")]


def test_case_folders_with_labels(tmp_path):
    for case in ("phantom_1", "phantom_2"):
        for name in ("ct.nii.gz", "heart.nii.gz", "calcification.seg.nrrd", "landmarks.mrk.json"):
            touch(tmp_path / case / name)
    expected = [(case, tmp_path / case / "ct.nii.gz") for case in ("phantom_1", "phantom_2")]
    assert as_pairs(list_ct_inputs([tmp_path])) == expected
    assert as_pairs(list_ct_inputs([tmp_path / "phantom_2"])) == expected[1:]
    assert as_pairs(list_ct_inputs([expected[0][1]])) == expected[:1]


def test_linked_folders_are_not_followed(tmp_path):
    dicom(tmp_path / "elsewhere")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "elsewhere")
    with refusal(ExitCode.INPUT_NOT_FOUND, ".nii.gz", "DICOM", where="given"):
        list_ct_inputs([tmp_path / "given"])


def test_missing_paths_and_empty_folders(tmp_path):
    with refusal(ExitCode.INPUT_NOT_FOUND, where="gone"):
        list_ct_inputs([tmp_path / "gone"])
    with refusal(ExitCode.INPUT_NOT_FOUND, ".nhdr", where=tmp_path):
        list_ct_inputs([tmp_path])


def test_equal_names_get_distinct_ids_independent_of_order(tmp_path):
    files = [touch(tmp_path / name) for name in ("x/a.nii.gz", "y/A.nrrd", "y/b.nrrd")]
    forward = {item.path: item.case_id for item in list_ct_inputs(files)}
    backward = {item.path: item.case_id for item in list_ct_inputs(files[::-1])}
    assert forward == backward
    assert len({case_id.lower() for case_id in forward.values()}) == 3
    assert forward[files[2]] == "b"


@pytest.mark.parametrize(
    ("name", "case_id"),
    [
        ("..nii.gz", "case_"),
        ("Müller, Anna (1).nii.gz", "M_ller_Anna_1"),
        ("-rf.nrrd", "-rf"),
        ("con.nrrd", "case_con"),
        ("a" * 200 + ".nii", "a" * 80),
    ],
)
def test_ids_are_safe_folder_names(tmp_path, name, case_id):
    assert list_ct_inputs([touch(tmp_path / name)])[0].case_id == case_id


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_any_file_name_gives_a_safe_unique_id(tmp_path, stems):
    files = [touch(tmp_path / f"x{stem}.nii") for stem in stems]
    ids = [item.case_id for item in list_ct_inputs(files)]
    assert len({case_id.lower() for case_id in ids}) == len(stems)
    for case_id in ids:
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}", case_id)
        assert not case_id.endswith(".")
