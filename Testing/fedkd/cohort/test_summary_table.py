from __future__ import annotations

import csv
from pathlib import Path

import pytest

from doubles.run_command import predict, small_ct
from fedkd.cohort.messages import CaseResult, PointLine
from fedkd.cohort.summary import SummaryTable, require_own_summary, update_summary
from fedkd.cohort.summary_row import COLUMNS
from fedkd.errors import ExitCode


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "summary.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_case_has_one_row_however_often_it_is_made(tmp_path: Path) -> None:
    point = PointLine(label="MS2", position_lps_mm=(1.0, 2.0, 3.0), confidence=0.25, spread_mm=1.234)
    update_summary(tmp_path, CaseResult(case="a", status="failed", message="No heart."))
    update_summary(tmp_path, CaseResult(case="b", status="done", message="Done."))
    update_summary(tmp_path, CaseResult(case="a", status="done", message="Done.", points=(point,), seconds=12.34))
    assert [(row["case"], row["status"]) for row in rows(tmp_path)] == [("a", "done"), ("b", "done")]
    told = [rows(tmp_path)[0][f"MS2_{what}"] for what in ("found", "confidence", "spread_mm")]
    assert told == ["yes", "0.250", "1.23"]
    assert rows(tmp_path)[0]["seconds"] == "12.3"


def test_a_case_whose_name_looks_like_a_formula_has_one_row(tmp_path: Path) -> None:
    for _ in range(2):
        update_summary(tmp_path, CaseResult(case="-a", status="done", message="Done."))
    assert [row["case"] for row in rows(tmp_path)] == ["'-a"]


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    update_summary(tmp_path, CaseResult(case="a", status="failed", message='=HYPERLINK("x"),\n"quoted"'))
    assert rows(tmp_path)[0]["message"] == '\'=HYPERLINK("x"),\n"quoted"'


def test_a_damaged_table_of_ours_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_bytes(",".join(COLUMNS).encode() + b'\n"unfinished')
    require_own_summary(tmp_path)
    update_summary(tmp_path, CaseResult(case="a", status="done", message="Done."))
    assert [row["case"] for row in rows(tmp_path)] == ["a"]


def test_rows_before_a_damage_stay(tmp_path: Path) -> None:
    for case in ("a", "b"):
        update_summary(tmp_path, CaseResult(case=case, status="done", message="Done."))
    path = tmp_path / "summary.csv"
    path.write_bytes(path.read_bytes()[:-20])
    update_summary(tmp_path, CaseResult(case="c", status="done", message="Done."))
    assert [row["case"] for row in rows(tmp_path)] == ["a", "c"]


def test_an_older_table_with_fewer_columns_gets_the_others(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("case,status,exit_code,message,seconds\na,done,0,Done.,3.0\n")
    for case in ("b", "c"):
        update_summary(tmp_path, CaseResult(case=case, status="done", message="Done."))
    assert [(row["case"], row["status"], row["MS1_found"]) for row in rows(tmp_path)] == [
        ("a", "done", ""),
        ("b", "done", ""),
        ("c", "done", ""),
    ]
    assert rows(tmp_path)[0]["seconds"] == "3.0"


def test_a_skipped_case_keeps_the_row_of_the_run_that_made_it(tmp_path: Path) -> None:
    point = PointLine(label="MS2", position_lps_mm=(1.0, 2.0, 3.0), confidence=0.25)
    made = CaseResult(case="a", status="done", message="Done.", points=(point,), seconds=12.34)
    skipped = made.model_copy(update={"status": "skipped", "message": "Skipped.", "seconds": 0.1})
    update_summary(tmp_path, made)
    update_summary(tmp_path, skipped)
    assert [(row["status"], row["seconds"]) for row in rows(tmp_path)] == [("done", "12.3")]
    moved = point.model_copy(update={"confidence": None})
    update_summary(tmp_path, skipped.model_copy(update={"points": (moved,)}))
    assert [(row["status"], row["MS2_confidence"]) for row in rows(tmp_path)] == [("skipped", "")]


def test_two_runs_write_into_one_table(tmp_path: Path) -> None:
    one, other = SummaryTable(tmp_path), SummaryTable(tmp_path)
    for number in range(4):
        table = (one, other)[number % 2]
        table.put(CaseResult(case=f"case{number}", status="failed", message="No heart."))
    one.put(CaseResult(case="case1", status="done", message="Done."))
    other.put(CaseResult(case="case0", status="done", message="Done."))
    assert [(row["case"], row["status"]) for row in rows(tmp_path)] == [
        ("case0", "done"),
        ("case1", "done"),
        ("case2", "failed"),
        ("case3", "failed"),
    ]


@pytest.mark.parametrize("content", [b"other,columns\n1,2\n", b"\x00\xff", b""])
def test_a_table_that_is_not_ours_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    require_own_summary(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.csv").write_bytes(content)
    ended = predict(small_ct(tmp_path / "good.nii.gz"), "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.CASE_EXISTS
    assert (tmp_path / "out" / "summary.csv").read_bytes() == content
    assert not (tmp_path / "out" / "good").exists()
