from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import GRID, array_on
from builders.dicom_series import SeriesSpec, write_series
from fedkd.case.free_memory import free_memory_bytes
from fedkd.cohort.case_peaks import CasePeaks
from fedkd.cohort.ct_size import bytes_in_memory
from fedkd.cohort.memory_room import MemoryRoom

GB = 1_000_000_000


class Others:
    """Cases in hand that end after a number of looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> bool:
        self.looks -= 1
        return self.looks >= 0


@pytest.mark.parametrize(
    ("free", "ct_bytes", "waits"),
    [
        (6 * GB, GB // 2, False),
        (3 * GB, GB // 2, True),
        (None, GB // 2, True),  # the system does not tell
        (100 * GB, None, True),  # the headers do not tell
    ],
)
def test_a_ct_is_read_ahead_only_when_it_surely_fits(free: int | None, ct_bytes: int | None, waits: bool) -> None:
    others = Others(2)
    MemoryRoom(lambda: free).wait_to_read(ct_bytes, others)
    assert (others.looks < 0) is waits


def test_the_networks_wait_for_memory_that_becomes_free() -> None:
    free, others = iter([GB, GB, 9 * GB]), Others(9)
    MemoryRoom(lambda: next(free)).wait_to_predict(GB, others)
    assert others.looks == 6


def write(folder: Path, **contents: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name.replace("__", ".")).write_text(content)
    return folder


def test_a_job_has_no_more_than_its_control_groups_allow(tmp_path: Path) -> None:
    proc = write(
        tmp_path / "proc", meminfo="MemTotal: 64000000 kB\nMemAvailable: 32000000 kB\n", cgroup="0::/job/step\n"
    )
    meminfo, own, groups = proc / "meminfo", proc / "cgroup", tmp_path / "groups"
    assert free_memory_bytes(meminfo, own, groups) == 32_000_000 * 1024
    write(groups / "job" / "step", memory__max="max\n", memory__current="5000\n")
    assert free_memory_bytes(meminfo, own, groups) == 32_000_000 * 1024
    write(groups / "job", memory__max="8000\n", memory__current="5000\n", memory__stat="anon 9\ninactive_file 1000\n")
    assert free_memory_bytes(meminfo, own, groups) == 8000 - 5000 + 1000


def test_control_groups_of_the_first_version_count_too(tmp_path: Path) -> None:
    proc = write(tmp_path / "proc", meminfo="MemAvailable: 32000000 kB\n", cgroup="4:cpu:/x\n3:memory:/job\n")
    group = {"memory__limit_in_bytes": "8000", "memory__usage_in_bytes": "7000"}
    write(tmp_path / "groups" / "memory" / "job", **group, memory__stat="total_inactive_file 500\n")
    assert free_memory_bytes(proc / "meminfo", proc / "cgroup", tmp_path / "groups") == 1500


def test_a_system_that_tells_nothing_is_unknown(tmp_path: Path) -> None:
    assert free_memory_bytes(tmp_path / "none", tmp_path / "none", tmp_path) is None


def test_headers_tell_the_size_of_a_ct(tmp_path: Path) -> None:
    values = np.rint(array_on(GRID)).astype(np.int16)
    sitk.WriteImage(sitk.GetImageFromArray(values), str(tmp_path / "ct.nii.gz"))
    write_series(tmp_path / "dicom", values, GRID, SeriesSpec())
    assert bytes_in_memory(tmp_path / "ct.nii.gz") == values.nbytes
    assert bytes_in_memory(tmp_path / "dicom") == values.nbytes


@pytest.mark.parametrize("name", ["none.nii.gz", "letter.nii.gz", "letter.dcm", "letter.txt"])
def test_what_is_no_ct_has_no_size(tmp_path: Path, name: str) -> None:
    if "letter" in name:
        (tmp_path / name).write_text("Dear colleague")
    assert bytes_in_memory(tmp_path / name) is None


def test_a_peak_counts_for_every_case_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    peak = {"mb": 0.0}
    monkeypatch.setattr("fedkd.cohort.case_peaks.peak_mb", lambda: peak["mb"])
    monkeypatch.setattr("fedkd.cohort.case_peaks.forget_peak", lambda: peak.update(mb=10.0))
    peaks = CasePeaks()
    peaks.begin("a")
    peak["mb"] = 300.0
    peaks.begin("b")
    peak["mb"] = 200.0
    assert (peaks.end("a"), peaks.end("b"), peaks.end("b")) == (300.0, 200.0, None)
