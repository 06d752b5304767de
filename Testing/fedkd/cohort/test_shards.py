"""Parts of a cohort, and the array job that does them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.run_command import COMMAND, Running, predict, small_cts, unfinished
from fedkd.cohort.messages import CaseRequest
from fedkd.cohort.shard import Shard
from fedkd.errors import ExitCode, FedkdError

SCRIPT = Path(__file__).resolve().parents[3] / "Docs" / "examples" / "predict_array.sh"
BASH = shutil.which("bash") or "bash"


@given(st.lists(st.text("abc", min_size=1), unique=True), st.integers(1, 9), st.randoms())
def test_parts_are_disjoint_complete_and_balanced_whatever_the_order(names, count, chance) -> None:
    cases = [CaseRequest(case_id=name, path=Path(name)) for name in names]
    parts = [Shard(number, count).of(cases) for number in range(1, count + 1)]
    assert sorted(case.case_id for part in parts for case in part) == sorted(names)
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    chance.shuffle(cases)
    assert [Shard(number, count).of(cases) for number in range(1, count + 1)] == parts


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "-1/3", "a/b", "1/3/5", ""])
def test_other_words_are_no_part(text: str) -> None:
    with pytest.raises(FedkdError) as caught:
        Shard.parse(text)
    assert caught.value.code is ExitCode.USAGE


def test_a_part_without_cases_ends_well(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out", "--shard", "2/2")
    assert (ended.exit_code, ended.cases) == (ExitCode.OK, {})


def test_a_part_leaves_unfinished_cases_of_other_parts_alone(tmp_path: Path) -> None:
    output = tmp_path / "out"
    small_cts(tmp_path / "cts", "a", "b_good")
    of_others, of_ours = (output / f".partial-{case}-0123456789ab" for case in ("a", "b_good"))
    for folder in (of_others, of_ours):
        folder.mkdir(parents=True)
    assert predict(tmp_path / "cts", "--output", output, "--shard", "2/2").exit_code == ExitCode.OK
    assert (of_others.exists(), of_ours.exists()) == (True, False)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_two_tasks_of_the_array_job_do_all_cases_at_once(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a", "b", "c", "fails", "e")
    processes = [array_task(tmp_path, number, first=1, last=2, count=2) for number in (1, 2)]
    codes = [process.wait(timeout=60) for process in processes]
    assert codes == [ExitCode.SOME_CASES_FAILED, ExitCode.OK], "fails is the fifth"
    assert unfinished(tmp_path / "out") == []
    with (tmp_path / "out" / "summary.csv").open(newline="") as stream:
        rows = {row["case"]: row["status"] for row in csv.DictReader(stream)}
    assert rows == {"a": "done", "b": "done", "c": "done", "fails": "failed", "e": "done"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_an_array_with_gaps_is_refused(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a")
    assert array_task(tmp_path, 3, first=3, last=7, count=2).wait(timeout=60) == ExitCode.USAGE
    assert not (tmp_path / "out").exists()


def array_task(folder: Path, number: int, *, first: int, last: int, count: int) -> subprocess.Popen[bytes]:
    """Start the script as SLURM would, with a ``fedkd`` that is the command with the double's worker."""
    program = folder / "bin" / "fedkd"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {COMMAND[1]} "$@"\n')
    program.chmod(0o755)
    slurm = {"ID": number, "MIN": first, "MAX": last, "COUNT": count}
    environment = os.environ | {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in slurm.items()}
    environment["PATH"] = f"{program.parent}{os.pathsep}{environment['PATH']}"
    return subprocess.Popen([BASH, SCRIPT, folder / "cts", folder / "out"], env=environment)


def test_a_second_run_at_another_part_does_not_disturb_the_first(tmp_path: Path) -> None:
    output = tmp_path / "out"
    small_cts(tmp_path / "cts", "blocks", "good")
    with Running(tmp_path / "cts", "--output", output, "--shard", "1/2") as first:
        first.wait_for_stage("network")
        assert predict(tmp_path / "cts", "--output", output, "--shard", "2/2").exit_code == ExitCode.OK
        assert len(unfinished(output)) == 1
