"""What is taken over from the CT's headers: right, whatever is missing or strange, and never into logs."""

from __future__ import annotations

import json
import logging
import sys
import warnings

import pydicom
import pytest
from pydicom.uid import EnhancedCTImageStorage, MRImageStorage, generate_uid

from builders.dicom_case import dicom_case
from builders.dicom_series import PATIENT_NAME, edit
from builders.expect import refusal
from fedkd.dicom_export import write_dicom_results
from fedkd.errors import ExitCode
from fedkd.geometry import Grid

GRID = Grid((34, 24, 12), (1.0, 1.0, 1.5), (0.0, 0.0, 0.0))
FULL = {
    "PatientName": "M\xfcller^J\xf6rg=\u5c71\u7530^\u592a\u90ce",
    "PatientID": "4711",
    "PatientBirthDate": "19440229",
    "PatientSex": "F",
    "PatientAge": "081Y",
    "PatientWeight": "71.5",
    "IssuerOfPatientID": "Hospital",
    "PatientIdentityRemoved": "YES",
    "DeidentificationMethod": "by hand",
    "StudyDate": "20260301",
    "StudyTime": "131500",
    "StudyID": "S1",
    "AccessionNumber": "A1",
    "ReferringPhysicianName": "Who^Doctor",
    "StudyDescription": "TAVI",
}
REQUIRED = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
            "AccessionNumber", "ReferringPhysicianName")  # fmt: skip


def written(case) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(case.folder / name) for name in write_dicom_results(case.folder, case.files)]


def edit_all(case, **values: object) -> None:
    for file in case.files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            edit(file, **values)


def test_patient_and_study_are_those_of_the_ct(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, SpecificCharacterSet="ISO_IR 192", **FULL)
    source = pydicom.dcmread(case.files[0])
    results = written(case)
    assert len(results) == 2
    for made in results:
        for keyword, value in FULL.items():
            assert str(made[keyword].value) == value, keyword
        assert made.StudyInstanceUID == source.StudyInstanceUID


@pytest.mark.parametrize(
    ("character_set", "name"),
    [("ISO_IR 100", "M\xfcller^J\xf6rg"), (["", "ISO 2022 IR 87"], "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce")],
    ids=["Latin", "Japanese"],
)
def test_name_in_an_old_character_set(tmp_path, character_set, name):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, SpecificCharacterSet=character_set, PatientName=name)
    for made in written(case):
        assert str(made.PatientName) == name


def test_missing_values_are_empty_and_nothing_is_made_up(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, PatientName=None, PatientID=None)
    for made in written(case):
        for keyword in REQUIRED:
            assert keyword in made
            assert not made[keyword].value


def test_empty_values_stay_empty(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, **dict.fromkeys(REQUIRED, ""))
    for made in written(case):
        assert all(not made[keyword].value for keyword in REQUIRED)


HOSTILE = {
    "PatientName": "Secret\x1b[31m^Patient" + "x" * 500,
    "PatientID": "47\\11",
    "PatientBirthDate": "1944.13.77",
    "PatientSex": "unknown",
    "StudyDate": "yesterday",
    "StudyTime": "99:99",
    "StudyID": "s" * 200,
    "AccessionNumber": "Secret\x00\x07",
    "ReferringPhysicianName": "=" * 9,
    "PatientAge": "old",
    "StudyDescription": "d" * 4000,
}


def test_hostile_values_are_left_out_and_nothing_of_them_is_logged(tmp_path, caplog, capfd):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, **HOSTILE)
    caplog.clear()
    capfd.readouterr()
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        names = write_dicom_results(case.folder, case.files)
    captured = capfd.readouterr()
    said = " ".join([caplog.text, captured.out, captured.err, *(str(one.message) for one in warned)])
    assert not any(word in said for word in ("Secret", "1944", "yesterday"))
    for made in (pydicom.dcmread(case.folder / name) for name in names):
        assert not made.PatientBirthDate
        assert not made.PatientSex
        assert not made.StudyDate
        assert not made.StudyTime
        assert "PatientAge" not in made
        assert len(made.StudyID) <= 16
        assert "\x1b" not in str(made.PatientName)


def test_errors_of_libraries_are_told_without_their_text(tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Secret^Patient")

    case = dicom_case(tmp_path, GRID)
    monkeypatch.setattr("highdicom.seg.Segmentation", fail)
    with refusal(ExitCode.INTERNAL, "ValueError"):
        write_dicom_results(case.folder, case.files)


def test_bytes_that_are_no_text_of_the_character_set(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, PatientName="Secret^Patient")
    for file in case.files:
        file.write_bytes(file.read_bytes().replace(PATIENT_NAME.encode(), b"S\xe9\xff\xfe^ret\x80Pa"[:14].ljust(14)))
    for made in written(case):
        str(made.PatientName).encode("utf-8")


@pytest.mark.parametrize("keyword", ["FrameOfReferenceUID", "StudyInstanceUID", "SOPInstanceUID"])
def test_series_that_does_not_identify_itself_is_refused(tmp_path, keyword):
    case = dicom_case(tmp_path, GRID)
    for file in case.files:
        data = pydicom.dcmread(file)
        delattr(data, keyword)
        data.save_as(file, enforce_file_format=keyword != "SOPInstanceUID")
    with refusal(ExitCode.GEOMETRY_INVALID, keyword):
        write_dicom_results(case.folder, case.files)
    assert not (case.folder / "dicom").exists()


@pytest.mark.parametrize("keyword", ["PatientID", "PatientName", "StudyInstanceUID"])
def test_slices_of_two_patients_or_studies_are_refused(tmp_path, keyword):
    case = dicom_case(tmp_path, GRID)
    edit(case.files[5], **{keyword: generate_uid()})
    with refusal(ExitCode.GEOMETRY_INVALID, f"differ in {keyword}"):
        write_dicom_results(case.folder, case.files)


def test_images_that_share_an_identifier_are_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit(case.files[5], SOPInstanceUID=pydicom.dcmread(case.files[4]).SOPInstanceUID)
    with refusal(ExitCode.GEOMETRY_INVALID, "share a SOPInstanceUID"):
        write_dicom_results(case.folder, case.files)


def test_other_kinds_of_images_are_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, SOPClassUID=MRImageStorage)
    with refusal(ExitCode.GEOMETRY_INVALID, "no CT images"):
        write_dicom_results(case.folder, case.files)


def test_several_multi_frame_files_are_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, SOPClassUID=EnhancedCTImageStorage)
    with refusal(ExitCode.GEOMETRY_INVALID, "several multi-frame files"):
        write_dicom_results(case.folder, case.files)


def test_invalid_identifier_is_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit_all(case, FrameOfReferenceUID="1.02.x")
    with refusal(ExitCode.GEOMETRY_INVALID, "FrameOfReferenceUID"):
        write_dicom_results(case.folder, case.files)


def test_files_of_two_series_are_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    edit(case.files[3], SeriesInstanceUID=generate_uid())
    with refusal(ExitCode.INPUT_UNREADABLE, "not one DICOM series"):
        write_dicom_results(case.folder, case.files)


def test_no_files_are_refused(tmp_path):
    case = dicom_case(tmp_path, GRID)
    with refusal(ExitCode.INPUT_UNREADABLE, "not one DICOM series"):
        write_dicom_results(case.folder, [])


def _without(document: dict, key: str) -> dict:
    return {name: value for name, value in document.items() if name != key}


DAMAGE = {
    "no JSON": lambda document: "{",
    "a measurement is missing": lambda document: _without(document, "stj_diameter_mm"),
    "a word for a number": lambda document: document | {"stj_diameter_mm": document["septum_risk_band"]},
    "a number for a word": lambda document: document | {"septum_risk_band": document["stj_diameter_mm"]},
    "an unknown measurement": lambda document: document | {"nose_mm": document["stj_diameter_mm"]},
    "an unknown landmark": lambda document: document | {"landmarks": {"NOSE": {"position_lps_mm": None}}},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_measurements_are_refused(tmp_path, damage):
    case = dicom_case(tmp_path, GRID)
    damaged = damage(json.loads(case.document.model_dump_json()))
    text = damaged if isinstance(damaged, str) else json.dumps(damaged)
    (case.folder / "measurements.json").write_text(text)
    with refusal(ExitCode.INPUT_UNREADABLE, "measurements"):
        write_dicom_results(case.folder, case.files)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions differ")
def test_output_that_cannot_be_written(tmp_path):
    case = dicom_case(tmp_path, GRID)
    (case.folder / "dicom").write_text("a file in the way")
    with refusal(ExitCode.OUTPUT_NOT_WRITABLE):
        write_dicom_results(case.folder, case.files)


def test_strange_words_in_the_measurements_become_plain_text(tmp_path):
    case = dicom_case(tmp_path, GRID)
    document = json.loads(case.document.model_dump_json())
    document["model_id"] = "evil\\model\x1b[31m" + "m" * 200
    document["septum_risk_band"]["value"] = "wide\\r\n" + "w" * 200
    document["landmark_source"] = "a\x1b[31mfile"
    (case.folder / "measurements.json").write_text(json.dumps(document))
    _, report = written(case)
    assert len(report.DeviceSerialNumber) <= 64
    assert "\\x1b" not in report.ManufacturerModelName
    text = str(report)
    assert "\x1b" not in text
