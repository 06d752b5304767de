"""Two runs on one output folder."""

from __future__ import annotations

from pathlib import Path

from doubles.run_command import Running, predict, small_cts, unfinished
from fedkd.errors import ExitCode


def test_second_run_leaves_the_case_of_the_first_alone(tmp_path: Path) -> None:
    output = tmp_path / "out"
    cts = small_cts(tmp_path / "cts", "blocks", "good")
    with Running(cts[0], "--output", output) as first:
        first.wait_for_stage("network")
        partial = unfinished(output)
        second = predict(*cts, "--output", output)
        assert second.exit_code == ExitCode.SOME_CASES_FAILED
        assert second.cases["blocks"]["error"]["name"] == "CASE_LOCKED"
        assert second.cases["good"]["status"] == "done"
        assert unfinished(output) == partial, "the first run's unfinished case is still there"


def test_lock_of_a_dead_run_is_free(tmp_path: Path) -> None:
    output = tmp_path / "out"
    cts = small_cts(tmp_path / "cts", "slow")
    with Running(*cts, "--output", output) as first:
        first.wait_for_stage("network")
        first.process.kill()
    ended = predict(*cts, "--output", output)
    assert (ended.exit_code, unfinished(output)) == (ExitCode.OK, [])
