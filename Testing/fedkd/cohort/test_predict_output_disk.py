"""Full and read-only outputs: a clear message, and nothing half-written."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.run_command import COMMAND, predict, small_cts, unfinished
from fedkd.errors import ExitCode


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a file system in memory; skip the test where that is not allowed."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("mounting needs Linux and root")
    folder.mkdir()
    made = subprocess.run([mount, "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"mount refused: {made.stderr.decode(errors='replace').strip()}")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "--lazy", folder], check=True)


def test_read_only_disk(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    with mounted(tmp_path / "disk", "ro") as disk:
        for output in (disk, disk / "new" / "folder"):
            ended = predict(tmp_path / "cts", "--output", output)
            assert ended.exit_code == ExitCode.OUTPUT_NOT_WRITABLE
            assert str(disk) in ended.last["error"]["where"]
        assert list(disk.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_place_where_nothing_can_be_created(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    assert predict(tmp_path / "cts", "--output", "/proc/results").exit_code == ExitCode.OUTPUT_NOT_WRITABLE


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_write_that_fails_halfway_through_a_file(tmp_path: Path) -> None:
    """No root needed: files may have 6000 bytes, which is less than landmarks.mrk.json has."""
    import resource

    small_cts(tmp_path / "cts", "good")
    output = tmp_path / "out"
    ended = subprocess.run(
        [*COMMAND, tmp_path / "cts", "--output", output, "--progress", "none"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)),
    )
    assert ended.returncode == ExitCode.OUTPUT_NOT_WRITABLE, ended.stderr
    assert "File too large" in ended.stderr
    assert unfinished(output) == []
    assert not (output / "good").exists()


def test_output_that_is_a_file(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    (tmp_path / "file").write_text("mine")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        assert predict(tmp_path / "cts", "--output", output).exit_code == ExitCode.OUTPUT_NOT_WRITABLE
    assert (tmp_path / "file").read_text() == "mine"


def test_small_disk_is_refused_before_the_work(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    with mounted(tmp_path / "disk", "size=2m") as disk:
        ended = predict(tmp_path / "cts", "--output", disk)
        assert ended.exit_code == ExitCode.DISK_FULL
        assert "network" not in {line.get("stage") for line in ended.lines}
        assert unfinished(disk) == []
        assert not (disk / "good").exists()


def test_disk_that_fills_during_the_work(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "fills")
    with mounted(tmp_path / "disk", "size=22m") as disk:
        ended = predict(tmp_path / "cts", "--output", disk)
        assert ended.exit_code == ExitCode.DISK_FULL, ended.last
        assert unfinished(disk) == []
        assert not (disk / "fills").exists()


def test_completely_full_disk(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    with mounted(tmp_path / "disk", "size=1m") as disk:
        with contextlib.suppress(OSError):
            (disk / "filler").write_bytes(b"0" * 2_000_000)
        ended = predict(tmp_path / "cts", "--output", disk)
        assert ended.exit_code == ExitCode.DISK_FULL
        assert {path.name for path in disk.iterdir()} == {"filler"}
