"""A scene of a stranger: nothing in it names a place, and no more is unpacked than the case's CT can be long."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from builders.expect import refusal
from fedkd.case import scene_ct
from fedkd.case.provenance import InputRecord
from fedkd.case.scene_ct import unpack_scene_ct
from fedkd.errors import ExitCode

CT = InputRecord(name="ct", format="nrrd", sha256="0" * 64, size_xyz=(4, 4, 4), spacing_mm=(1.0, 1.0, 1.0))


def scene(folder: Path, entries: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "scene.mrb", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return folder


def unpack(case: Path, tmp_path: Path) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return unpack_scene_ct(case, CT, scratch)


def test_the_one_volume_is_unpacked_under_our_own_name(tmp_path: Path) -> None:
    entries = {"x/Data/A b.nrrd": b"voxels", "x/Data/C.seg.nrrd": b"no", "x/Data/Landmarks.mrk.json": b"no"}
    found = unpack(scene(tmp_path / "case", entries), tmp_path)
    assert found == tmp_path / "scratch" / "ct.nrrd"
    assert found.read_bytes() == b"voxels"


@pytest.mark.parametrize("name", ["../../Data/evil.nrrd", "/etc/Data/evil.nrrd"])
def test_names_in_the_archive_lead_nowhere(tmp_path: Path, name: str) -> None:
    case = scene(tmp_path / "case", {name: b"voxels"})
    assert unpack(case, tmp_path) == tmp_path / "scratch" / "ct.nrrd"
    assert sorted(path.name for path in tmp_path.rglob("*.nrrd")) == ["ct.nrrd"]


@pytest.mark.parametrize("entries", [{}, {"x/Data/a.nrrd": b"1", "x/Data/b.nrrd": b"2"}, {"x/a.nrrd": b"1"}])
def test_no_volume_or_several_are_refused(tmp_path: Path, entries: dict[str, bytes]) -> None:
    case = scene(tmp_path / "case", entries)
    with refusal(ExitCode.INPUT_NOT_FOUND, "--ct", where=case):
        unpack(case, tmp_path)


def test_without_a_scene_the_ct_is_asked_for(tmp_path: Path) -> None:
    with refusal(ExitCode.INPUT_NOT_FOUND, "--ct"):
        unpack(tmp_path, tmp_path)


def test_an_entry_longer_than_the_ct_is_refused(tmp_path: Path) -> None:
    case = scene(tmp_path / "case", {"x/Data/a.nrrd": bytes(5_000_000)})
    with refusal(ExitCode.INPUT_UNREADABLE, "longer"):
        unpack(case, tmp_path)


def test_an_entry_that_lies_about_its_length_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = scene(tmp_path / "case", {"x/Data/a.nrrd": bytes(5_000_000)})
    real = scene_ct._ct_entry

    def shortened(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
        entry = real(archive, path)
        monkeypatch.setattr(entry, "file_size", 10)
        return entry

    monkeypatch.setattr(scene_ct, "_ct_entry", shortened)
    with refusal(ExitCode.INPUT_UNREADABLE):
        unpack(case, tmp_path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    case = scene(tmp_path / "case", {"x/Data/a.nrrd": b"voxels" * 500})
    content = bytearray((case / "scene.mrb").read_bytes())
    content[60:70] = bytes(10)
    (case / "scene.mrb").write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, "--ct"):
        unpack(case, tmp_path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_slicer_packs_is_unpacked(tmp_path: Path, packing: int) -> None:
    case = tmp_path / "case"
    case.mkdir()
    with zipfile.ZipFile(case / "scene.mrb", "w", packing) as archive:
        archive.writestr("x/Data/a.nrrd", b"voxels")
    with refusal(ExitCode.INPUT_UNREADABLE, "packed as Slicer does not", where=case):
        unpack(case, tmp_path)


def test_an_archive_that_begins_before_its_beginning_is_refused(tmp_path: Path) -> None:
    case = scene(tmp_path / "case", {"x/Data/a.nrrd": b"voxels"})
    content = bytearray((case / "scene.mrb").read_bytes())
    end = content.rfind(b"PK\x05\x06")
    content[end + 16 : end + 20] = b"\xff\xff\xff\x00"  # where the list of entries begins
    (case / "scene.mrb").write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, "--ct"):
        unpack(case, tmp_path)
