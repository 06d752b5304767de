"""CTs that a CSV file names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.volumes import list_ct_inputs


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "worklist.csv"
    file.write_bytes(text.encode(encoding))
    return file


def cts(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(b"")
    return [folder / name for name in names]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_the_column_names_the_cts_whatever_divides_it(tmp_path: Path, between: str) -> None:
    wanted = cts(tmp_path, "b.nii.gz", "a.nrrd")
    rows = (("Site", " CT "), ("1", "b.nii.gz"), ("2", str(tmp_path / "a.nrrd")), ("3", ""), ("4",))
    file = table(tmp_path, "\r\n".join(between.join(row) for row in rows), "utf-8-sig")
    assert [(one.case_id, one.path) for one in list_ct_inputs([file])] == [("b", wanted[0]), ("a", wanted[1])]


def test_a_missing_ct_is_an_input_that_fails_alone(tmp_path: Path) -> None:
    cts(tmp_path, "a.nii")
    found = list_ct_inputs([table(tmp_path, "ct\na.nii\nnot there.nii\n")])
    assert [one.case_id for one in found] == ["a", "not_there"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("file\na.nii", ExitCode.INPUT_UNREADABLE, 'no column "ct"'),
        ("ct,ct\na,b", ExitCode.INPUT_UNREADABLE, "or several"),
        ("", ExitCode.INPUT_UNREADABLE, 'no column "ct"'),
        ('ct\n"a', ExitCode.INPUT_UNREADABLE, "divided into columns"),
        ("ct\n\n,\n", ExitCode.INPUT_NOT_FOUND, "names no CT"),
    ],
)
def test_what_is_no_table_of_cts_is_refused(tmp_path: Path, text: str, code: ExitCode, words: str) -> None:
    with refusal(code, words):
        list_ct_inputs([table(tmp_path, text)])


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"ct\n\xff\xfe\xfa")
    with refusal(ExitCode.INPUT_UNREADABLE, "UTF-8"):
        list_ct_inputs([file])


def test_the_panel_is_told_which_cases_there_will_be(tmp_path: Path) -> None:
    cts(tmp_path, "a.nii")
    command = [sys.executable, "-m", "fedkd", "inputs"]
    told = subprocess.run([*command, table(tmp_path, "ct\na.nii")], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == {"result": {"cases": [{"case": "a", "ct": str(tmp_path / "a.nii")}]}}
    refused = subprocess.run([*command, tmp_path / "nowhere"], capture_output=True, text=True)
    assert refused.returncode == ExitCode.INPUT_NOT_FOUND
    assert json.loads(refused.stdout)["error"]["name"] == "INPUT_NOT_FOUND"
