"""Cancel: at once, whatever the worker is doing, and with nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from doubles.run_command import Running, predict, processes_whose_command_has, small_cts, unfinished, wait_until
from fedkd.cohort import worker_process
from fedkd.cohort.worker_process import WorkerProcess
from fedkd.errors import ExitCode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def limit_s() -> float:
    """Return the 2 s that are promised, and more where other programs leave us only a part of the processor."""
    return 2.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_stop_while_the_worker_blocks_in_c(tmp_path: Path, number: int, code: ExitCode) -> None:
    # When the third is in the networks, the first is finished, and the second may be.
    cts = small_cts(tmp_path / "cts", "a_good", "b_good", "blocks")
    with Running(*cts, "--output", tmp_path / "out") as running:
        running.wait_for_stage("network", "blocks")
        assert unfinished(tmp_path / "out") != []
        ended, seconds = running.end(number)
    assert ended.exit_code == code
    assert seconds < limit_s()
    assert unfinished(tmp_path / "out") == []
    assert (tmp_path / "out" / "a_good" / "provenance.json").is_file(), "finished cases stay"
    assert ended.last["error"]["name"] == code.name
    assert "a_good" in ended.cases
    assert set(ended.cases) <= {"a_good", "b_good"}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_stop_ends_the_processes_the_worker_started(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "waits")
    child = ("child-of-worker", str(tmp_path))
    with Running(tmp_path / "cts", "--output", tmp_path / "out") as running:
        running.wait_for_stage("network")
        assert wait_until(lambda: len(processes_whose_command_has(child)) == 1, 5)
        _, seconds = running.end(signal.SIGTERM)
    assert seconds < limit_s()
    assert wait_until(lambda: not processes_whose_command_has(child), 1)
    assert unfinished(tmp_path / "out") == []


def test_stop_during_the_scene(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "scenehang")
    with Running(tmp_path / "cts", "--output", tmp_path / "out") as running:
        running.wait_for_stage("scene")
        _, seconds = running.end(signal.SIGTERM)
    assert seconds < limit_s()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".locks"]


def test_stop_at_any_moment_of_the_start(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "good")
    for _ in range(2):
        with Running(tmp_path / "cts", "--output", tmp_path / "out") as running:
            running.wait_for_stage("model")
            ended, seconds = running.end(signal.SIGTERM)
        assert (ended.exit_code, unfinished(tmp_path / "out")) == (ExitCode.TERMINATED, [])
        assert seconds < limit_s()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_worker_and_its_children_end_when_the_command_is_killed_and_the_next_run_clears_up(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "waits")
    output = tmp_path / "out"
    with Running(tmp_path / "cts", "--output", output) as running:
        running.wait_for_stage("network")
        assert wait_until(lambda: bool(processes_whose_command_has(("child-of-worker", str(tmp_path)))), 5)
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    assert wait_until(lambda: not processes_whose_command_has(("child-of-worker", str(tmp_path))), 5)
    assert unfinished(output) != []
    small_cts(tmp_path / "others", "good")
    predict(tmp_path / "others", "--output", output)
    assert unfinished(output) == []


def test_command_stops_when_nobody_reads_its_progress(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "slow", "slow_b")
    with Running(tmp_path / "cts", "--output", tmp_path / "out") as running:
        running.wait_for_stage("network")
        assert running.process.stdout is not None
        running.process.stdout.close()
        assert wait_until(lambda: running.process.poll() is not None, 20)
    assert running.process.returncode == ExitCode.TERMINATED
    assert unfinished(tmp_path / "out") == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_worker_started_ahead_ends_without_a_request(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import time; time.sleep(600)", str(tmp_path))
    with WorkerProcess(command):
        # A process that was just started has no command for an instant.
        assert wait_until(lambda: processes_whose_command_has(command[2:]) != [], 10)
    assert processes_whose_command_has(command[2:]) == []


def test_worker_that_has_ended_is_not_ended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with WorkerProcess((sys.executable, "-c", "")) as started_ahead:
        with started_ahead as taken_over:
            taken_over.wait()
        monkeypatch.setattr(worker_process, "end_with_children", lambda _: pytest.fail("another process' group by now"))
