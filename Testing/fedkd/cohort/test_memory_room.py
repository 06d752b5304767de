from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import GRID, array_on
from builders.dicom_series import SeriesSpec, write_series
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
