from __future__ import annotations

import os
from pathlib import Path

import pytest

from doubles.run_command import predict, small_ct
from fedkd.cohort import known_cts
from fedkd.cohort.known_cts import KnownCts, stamp_of
from fedkd.errors import ExitCode

SHA256 = "a" * 64


@pytest.fixture
def no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the files of a test be old enough to be known."""
    monkeypatch.setattr(known_cts, "_TICK_S", -1.0)


def folder_with_files(folder: Path) -> Path:
    (folder / "series").mkdir(parents=True)
    for name in ("1.dcm", "series/2.dcm"):
        (folder / name).write_bytes(b"pixels")
    return folder


@pytest.mark.usefixtures("no_tick")
def test_a_stamp_shows_every_change_of_a_file(tmp_path: Path) -> None:
    file = small_ct(tmp_path / "ct.nii.gz")
    before = stamp_of(file, None)
    assert before is not None
    assert stamp_of(file, None) == before
    assert stamp_of(file, "1.2.3") != before
    times = file.stat()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert stamp_of(file, None) != before, "same size and time of change, other content"


@pytest.mark.usefixtures("no_tick")
def test_a_stamp_shows_files_that_come_go_or_change_their_names(tmp_path: Path) -> None:
    folder = folder_with_files(tmp_path / "ct")
    stamps = [stamp_of(folder, None)]
    (folder / "series" / "3.dcm").write_bytes(b"pixels")
    stamps.append(stamp_of(folder, None))
    (folder / "series" / "3.dcm").rename(folder / "series" / "4.dcm")
    stamps.append(stamp_of(folder, None))
    (folder / "1.dcm").unlink()
    stamps.append(stamp_of(folder, None))
    assert None not in stamps
    assert len(set(stamps)) == 4


def test_a_file_that_has_just_changed_and_one_that_is_gone_have_no_stamp(tmp_path: Path) -> None:
    assert stamp_of(small_ct(tmp_path / "ct.nii.gz"), None) is None
    assert stamp_of(tmp_path / "none.nii.gz", None) is None


def test_a_hash_is_known_for_its_stamp_only(tmp_path: Path) -> None:
    known = KnownCts(tmp_path)
    known.remember("case", "1" * 64, SHA256)
    assert known.sha256_of("case", "1" * 64) == SHA256
    for case, stamp in (("case", "2" * 64), ("other", "1" * 64), ("case", None)):
        assert known.sha256_of(case, stamp) is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"stamp": "x", "sha256": "y"}', b"\xff" * 20_000])
def test_a_damaged_note_is_no_note(tmp_path: Path, content: bytes) -> None:
    known = KnownCts(tmp_path)
    known.remember("case", "1" * 64, SHA256)
    (note,) = tmp_path.glob("*/case.json")
    note.write_bytes(content)
    assert known.sha256_of("case", "1" * 64) is None
    known.remember("case", "1" * 64, SHA256)
    assert known.sha256_of("case", "1" * 64) == SHA256


def test_another_ct_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    ct = small_ct(tmp_path / "good.nii.gz", seed=1)
    assert predict(ct, "--output", tmp_path / "out").exit_code == ExitCode.OK
    assert predict(ct, "--output", tmp_path / "out").cases["good"]["status"] == "skipped"
    small_ct(ct, seed=2)
    assert predict(ct, "--output", tmp_path / "out").exit_code == ExitCode.CASE_EXISTS
