"""Files that want to do harm, or are broken, are refused in plain words; nothing in them is run."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from builders.reference_checkpoints import UNetShape, multi_head_unet, save
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import load_model


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return save(multi_head_unet(UNetShape()).state, tmp_path / "good.pt")


def refused(path: Path, code: ExitCode = ExitCode.MODEL_INVALID) -> str:
    with pytest.raises(FedkdError) as caught:
        load_model(path)
    assert caught.value.code is code
    assert caught.value.what_to_do
    return caught.value.what


def with_entry(source: Path, target: Path, end: str, change: Callable[[bytes], bytes], compression: int = 0) -> Path:
    """A copy of a checkpoint with one entry changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename.endswith(end) else content)
    return target


class _Command:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.marker}",)


def test_command_in_a_pickle_is_named_and_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / "evil.pt"
    torch.save({"swin_unetr.a": torch.zeros(1), "run": _Command(marker)}, path)
    assert "system" in refused(path)
    assert not marker.exists()


def test_bare_pickle_and_pickle_in_other_protocols_are_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for protocol in (2, 4):
        path = tmp_path / f"evil{protocol}.pt"
        torch.save({"run": _Command(marker)}, path, pickle_protocol=protocol)
        refused(path)
        torch.save({"run": _Command(marker)}, path, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
        refused(path)
    assert not marker.exists()


def test_memory_asked_for_by_a_small_pickle_is_not_given(checkpoint: Path, tmp_path: Path) -> None:
    huge_bytearray = b"\x80\x02cbuiltins\nbytearray\n\x8a\x06\x00\x00\x00\x00\x00\x10\x85R."
    path = with_entry(checkpoint, tmp_path / "huge.pt", "data.pkl", lambda _: huge_bytearray)
    assert "builtins.bytearray" in refused(path)


def test_tensor_that_claims_to_be_larger_than_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stretched.pt"
    torch.save({"swin_unetr.a": torch.zeros(1).expand(10_000_000_000)}, path)
    assert path.stat().st_size < 10_000
    assert "GB" in refused(path)


def test_zip_bomb_is_refused_before_it_is_unpacked(checkpoint: Path, tmp_path: Path) -> None:
    zeros = bytes(50_000_000)
    path = with_entry(checkpoint, tmp_path / "bomb.pt", "data/0", lambda _: zeros, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1_000_000
    assert "unpack" in refused(path)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_truncated_file_is_refused(checkpoint: Path, share: float) -> None:
    raw = checkpoint.read_bytes()
    checkpoint.write_bytes(raw[: int(len(raw) * share)])
    assert "truncated" in refused(checkpoint)


def test_truncated_list_and_missing_tensor_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    refused(with_entry(checkpoint, tmp_path / "half.pt", "data.pkl", lambda content: content[: len(content) // 2]))
    refused(with_entry(checkpoint, tmp_path / "short.pt", "data/3", lambda content: content[:1]))
    refused(with_entry(checkpoint, tmp_path / "empty.pt", "data.pkl", lambda _: b""))


def test_other_files_are_refused(tmp_path: Path) -> None:
    for name, content in (("text.pt", b"hello"), ("empty.pt", b""), ("noise.pt", os.urandom(5000))):
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name)
    plain_zip = io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as archive:
        archive.writestr("readme.txt", "no model")
    (tmp_path / "plain.pt").write_bytes(plain_zip.getvalue())
    refused(tmp_path / "plain.pt")
    refused(tmp_path / "nowhere.pt", ExitCode.MODEL_NOT_FOUND)


@pytest.mark.parametrize("content", [[torch.zeros(1)], torch.zeros(1), {}, {"a": "text"}, {"a": {"b": torch.zeros(1)}}])
def test_checkpoints_of_something_else_are_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "other.pt")
    refused(tmp_path / "other.pt")


def test_sparse_tensors_are_refused(tmp_path: Path) -> None:
    torch.save({"swin_unetr.a": torch.eye(3).to_sparse()}, tmp_path / "sparse.pt")
    refused(tmp_path / "sparse.pt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.pt")
    assert refused(tmp_path / "model.pt") == "This is neither a file nor a folder."


def test_a_package_damaged_where_it_is_compressed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model.json", os.urandom(2000))
    content = bytearray(path.read_bytes())
    content[100:1900] = bytes(1800)
    path.write_bytes(content)
    assert refused(path) == "The model's file is damaged."
