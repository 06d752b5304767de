"""Who is to blame when a process dies that has several cases in hand: only the case that kills it alone, too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from doubles.run_command import predict, small_cts, unfinished
from fedkd.errors import ExitCode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def test_innocent_cases_in_hand_are_done_when_one_kills_the_worker(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a", "b", "dies", "e", "f")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.SOME_CASES_FAILED
    assert {name for name, case in ended.cases.items() if case["error"] is None} == {"a", "b", "e", "f"}
    assert list(ended.cases) == ["a", "b", "dies", "e", "f"], "in the order of the request, whatever ended first"
    assert "dies" in [line["case"] for line in ended.lines[:-1] if line["stage"] == "again"]
    assert unfinished(tmp_path / "out") == []


def test_a_case_that_kills_the_finisher_is_found(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a", "scenekills", "z")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
    assert {name: (case["error"] or {}).get("name") for name, case in ended.cases.items()} == {
        "a": None,
        "scenekills": "OUT_OF_MEMORY",
        "z": None,
    }
    assert unfinished(tmp_path / "out") == []


def test_a_case_whose_finisher_died_once_is_made_again(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a", "scenekillsonce", "z")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK
    assert [line["case"] for line in ended.lines[:-1] if line["stage"] == "again"] == ["scenekillsonce"]


def test_lack_of_memory_is_blamed_on_a_case_only_when_it_is_alone(tmp_path: Path) -> None:
    small_cts(tmp_path / "cts", "a", "hungry", "z")
    ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
    assert {name: (case["error"] or {}).get("name") for name, case in ended.cases.items()} == {
        "a": None,
        "hungry": "OUT_OF_MEMORY",
        "z": None,
    }
    assert [line["case"] for line in ended.lines[:-1] if line["stage"] == "again"] == ["hungry"]
