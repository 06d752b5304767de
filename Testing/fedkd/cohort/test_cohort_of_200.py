"""Two hundred CTs, ten of them bad, in real processes that are killed twice and started again."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from doubles.run_command import Ended, Running, predict, small_ct, unfinished, wait_until
from doubles.worker import CALLS_VARIABLE
from fedkd.errors import ExitCode

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")

GOOD = [f"good_{number:03d}" for number in range(190)]
# What each is called says where it stands among the good ones, and to the double what happens in the networks.
BAD = {
    "good_009_cut_off": "INPUT_UNREADABLE",
    "good_031_letter": "INPUT_UNREADABLE",
    "good_032_empty": "INPUT_UNREADABLE",
    "good_060_flat": "NOT_A_VOLUME",
    "good_077_nan": "INTENSITIES_INVALID",
    "good_099_units": "INTENSITIES_INVALID",
    "good_120_thick": "GEOMETRY_INVALID",
    "fails_no_heart": "HEART_NOT_FOUND",
    "dies_of_memory": "OUT_OF_MEMORY",
    "hungry": "OUT_OF_MEMORY",
}
KILLS, IN_HAND = 2, 3


def bad_image(path: Path, values: np.ndarray, spacing_mm: tuple[float, ...] = (2.2, 2.3, 2.4)) -> None:
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing_mm[: image.GetDimension()])
    sitk.WriteImage(image, str(path))


@pytest.fixture(scope="module")
def cts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort") / "cts"
    for seed, name in enumerate([*GOOD, *BAD]):
        small_ct(folder / f"{name}.nii.gz", seed)
    file = {name: folder / f"{name}.nii.gz" for name in BAD}
    values = sitk.GetArrayFromImage(sitk.ReadImage(str(file["good_060_flat"])))
    file["good_009_cut_off"].write_bytes(file["good_009_cut_off"].read_bytes()[:-4000])
    file["good_031_letter"].write_text("Dear colleague, enclosed you find")
    file["good_032_empty"].write_bytes(b"")
    bad_image(file["good_060_flat"], values[3])
    with_nan = values.astype(np.float32)
    with_nan[5, 5, 5] = np.nan
    bad_image(file["good_077_nan"], with_nan)
    bad_image(file["good_099_units"], values + np.int16(1024))
    bad_image(file["good_120_thick"], values, (2.2, 2.3, 9.0))
    return folder


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the double writes the name of each CT that it predicts."""
    file = tmp_path_factory.mktemp("calls") / "calls"
    os.environ[CALLS_VARIABLE] = str(file)
    yield file
    del os.environ[CALLS_VARIABLE]


@pytest.fixture(scope="module")
def killed_and_restarted(cts: Path, calls: Path) -> Ended:
    chance = random.Random(time.time_ns())
    output = cts.parent / "out"
    with Running(cts, "--output", output) as running:
        read_results(running, chance.randint(5, 60))
        time.sleep(chance.uniform(0, 0.3))
        worker = worker_of(running)
        os.kill(worker, signal.SIGKILL)
        read_results(running, chance.randint(5, 60))
        time.sleep(chance.uniform(0, 0.3))
        worker = worker_of(running)
        running.process.kill()
        assert wait_until(lambda: not Path(f"/proc/{worker}").exists(), 20)
    return predict(cts, "--output", output, timeout_s=600)


def read_results(running: Running, count: int) -> None:
    """Read the command's output until so many cases have ended."""
    assert running.process.stdout is not None
    for line in running.process.stdout:
        count -= json.loads(line).get("stage") in ("done", "failed")
        if count == 0:
            return
    raise AssertionError("the command ended before")


def worker_of(running: Running) -> int:
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    assert wait_until(lambda: children.read_text() != "", 20)
    return int(children.read_text().split()[0])


def test_every_good_case_has_its_result_and_every_bad_one_its_error(cts: Path, killed_and_restarted: Ended) -> None:
    assert killed_and_restarted.exit_code == ExitCode.SOME_CASES_FAILED
    cases = killed_and_restarted.cases
    assert {name for name, case in cases.items() if case["error"] is None} == set(GOOD)
    errors = {name: case["error"] for name, case in cases.items() if case["error"] is not None}
    assert {name: error["name"] for name, error in errors.items()} == BAD
    assert all(error["what"] and error["where"] and error["what_to_do"] for error in errors.values())
    output = cts.parent / "out"
    assert unfinished(output) == []
    assert {folder.name for folder in output.iterdir() if folder.is_dir() and folder.name[0] != "."} == set(GOOD)


def test_the_summary_has_one_row_for_each_case(cts: Path, killed_and_restarted: Ended) -> None:
    assert len(killed_and_restarted.cases) == len(GOOD) + len(BAD)
    with (cts.parent / "out" / "summary.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert Counter(row["case"] for row in rows) == Counter([*GOOD, *BAD])
    assert {row["case"] for row in rows if row["exit_code"] != "0"} == set(BAD)


def test_no_more_is_predicted_again_than_was_in_hand(killed_and_restarted: Ended, calls: Path) -> None:
    assert killed_and_restarted.cases
    predicted = Counter(calls.read_text().splitlines())
    good = {name: count for name, count in predicted.items() if name in GOOD}
    assert set(good) == set(GOOD)
    # One of the bad CTs kills the worker as well, in each of the two runs.
    assert sum(good.values()) <= len(GOOD) + (KILLS + 2) * IN_HAND
    assert max(good.values()) <= 1 + KILLS + 2


def test_a_run_over_finished_cases_predicts_and_loads_nothing(
    cts: Path, killed_and_restarted: Ended, calls: Path
) -> None:
    assert killed_and_restarted.cases
    before = calls.read_text()
    ended = predict(*(cts / f"{name}.nii.gz" for name in GOOD), "--output", cts.parent / "out", timeout_s=600)
    assert ended.exit_code == ExitCode.OK
    assert {case["status"] for case in ended.cases.values()} == {"skipped"}
    assert {line["stage"] for line in ended.lines[:-1]} == {"skipped"}, "no CT was read, and no model loaded"
    assert calls.read_text() == before
