from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import from_spreadsheet, printable, spreadsheet_text, without_folders


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_can_be_encoded_and_commands_no_terminal(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert printable(shown) == shown


def test_ordinary_text_stays_and_control_sequences_are_seen() -> None:
    assert printable("Größe 日本\nnext") == "Größe 日本\nnext"
    assert printable("a\x1b[2Jb\udcffc") == "a\\x1b[2Jb\\udcffc"


def test_every_part_of_an_error_is_printable() -> None:
    error = FedkdError(ExitCode.USAGE, "a\x1b", where="b\x1b", what_to_do="c\x07")
    assert (error.what, error.where, error.what_to_do) == ("a\\x1b", "b\\x1b", "c\\x07")
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("No such file or directory: '/home/Jane Doe/a b/ct.nii.gz'", "No such file or directory: 'ct.nii.gz'"),
        ("cannot open /home/jane/ct.nrrd: no", "cannot open ct.nrrd: no"),
        ("path=/a/b, C:\\Users\\jane\\x.txt, \\\\server\\share\\y", "path=b, x.txt, y"),
        ("http://example.org/a, 1/2, mm/s", "http://example.org/a, 1/2, mm/s"),
        ("no path", "no path"),
    ],
)
def test_folders_are_left_out(text: str, left: str) -> None:
    assert without_folders(text) == left


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-cmd", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_gets_no_formula(text: str) -> None:
    assert spreadsheet_text(text) == "'" + text


def test_plain_labels_stay_as_they_are() -> None:
    assert spreadsheet_text("RCC") == "RCC"


@given(st.text())
def test_what_a_spreadsheet_got_can_be_read_back(text: str) -> None:
    assert from_spreadsheet(spreadsheet_text(text)) == text
