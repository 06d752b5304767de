"""Our DICOM files before judges of their own: David Clunie's dciodvfy and dcentvfy, OFFIS' dsrdump.

They come with Debian's packages dicom3tools and dcmtk; without them these tests are skipped.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest

from builders.dicom_case import DicomCase, dicom_case, write_case
from builders.dicom_series import edit
from fedkd.dicom_export import write_dicom_results
from fedkd.geometry import Grid

GRID = Grid((34, 30, 12), (0.8, 0.8, 1.2), (3.0, 4.0, 5.0), (0.8, 0.6, 0.0, -0.6, 0.8, 0.0, 0.0, 0.0, 1.0))
STUDY = {
    "PatientBirthDate": "19440229", "PatientSex": "F", "StudyDate": "20260301", "StudyTime": "131500",
    "StudyID": "S1", "AccessionNumber": "", "ReferringPhysicianName": "",
}  # fmt: skip
# What dciodvfy says of private codes, which are allowed (DICOM PS3.16, 8.2) and identified in our files.
KNOWN = re.compile(r"CodingSchemeDesignator.*Unrecognized defined term = <99FEDKD>")


@pytest.fixture(scope="module", params=["single images", "multi-frame", "no calcification", "no study values"])
def finished(request, tmp_path_factory) -> DicomCase:
    case = dicom_case(tmp_path_factory.mktemp("rules"), GRID, enhanced=request.param == "multi-frame")
    if request.param != "no study values":
        for file in case.files:
            edit(file, **STUDY)
    if request.param == "no calcification":
        remove_calcification(case)
    assert write_dicom_results(case.folder, case.files)
    return case


def remove_calcification(case: DicomCase) -> None:
    shutil.rmtree(case.folder)
    write_case(case.folder, 0 * case.labels, case.grid, case.document)


def said_by(program: str, *arguments: object) -> list[str]:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian: apt-get install dicom3tools dcmtk)")
    result = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=60)
    return (result.stdout + result.stderr).splitlines()


def made_files(case: DicomCase) -> list[Path]:
    return sorted((case.folder / "dicom").iterdir())


def has_study(case: DicomCase) -> bool:
    return bool(pydicom.dcmread(case.files[0], stop_before_pixels=True).get("StudyDate"))


def test_dciodvfy_finds_no_error_and_only_known_warnings(finished):
    for file in made_files(finished):
        lines = said_by("dciodvfy", "-new", file)
        assert any(line.startswith(("Comprehensive3DSR", "Segmentation")) for line in lines)
        assert not [line for line in lines if line.startswith("Error")]
        warned = [line for line in lines if line.startswith("Warning") and not KNOWN.search(line)]
        if has_study(finished):
            assert not warned
        # What the CT does not say, we cannot say either.
        assert all("needed to build DICOMDIR" in line for line in warned)


def test_dcentvfy_finds_patient_and_study_the_same_as_in_the_ct(finished):
    lines = said_by("dcentvfy", *finished.files, *made_files(finished))
    # About its own tables, which have the accession number in two places.
    differences = [line for line in lines if "Different information entities" not in line]
    if not has_study(finished):
        # What the CT lacks altogether is there without value.
        differences = [line for line in differences if "present in one instance but not the other" not in line]
    assert differences == []


def test_dsrdump_reads_the_report(finished):
    text = "\n".join(said_by("dsrdump", "+Pl", finished.folder / "dicom" / "measurements.dcm"))
    assert "Comprehensive 3D SR Document" in text
    assert "Not for clinical use" in text
    assert not re.search(r"^[EF]:", text, re.MULTILINE)
