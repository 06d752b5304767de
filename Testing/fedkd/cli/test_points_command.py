"""``fedkd points`` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.cli.points import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points
from fedkd.pointsets.document import PointsDocument

POINTS = PointList.from_positions(
    {
        "RCC": (1.25, -2.5, 3.0),
        "LCC": (4.0, 5.0, 6.0),
        "NCC": (7.0, 8.0, 9.0),
        "RCO": (10.0, 11.0, 12.0),
        "LCO": (13.0, 14.0, 15.0),
        "MS1": None,
        "MS2": (19.0, 20.0, 21.0),
    },
    {"RCC": 0.5},
)


@pytest.fixture
def landmarks(tmp_path) -> Path:
    path = tmp_path / "landmarks.mrk.json"
    write_points(path, POINTS)
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refusal(*arguments: object) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        run(*arguments)
    return caught.value


def test_the_table_shows_lps_millimeters_and_what_was_not_found(landmarks):
    output = run("show", landmarks)
    assert "x (LPS mm)" in output
    assert "-2.500" in output
    assert "undefined" in output
    assert NOT_FOR_CLINICAL_USE in output


def test_the_table_takes_no_orders_from_files(tmp_path):
    path = tmp_path / "a.mrk.json"
    hostile = LandmarkPoint("[b]x[/b]", None, None, "\x1b[2Jgone")
    write_points(path, PointList((hostile, LandmarkPoint("[/]", (1.0, 2.0, 3.0)))))
    output = run("show", path)
    assert "[b]x[/b]" in output
    assert "[/]" in output
    assert "\x1b" not in output


def test_the_json_follows_its_model(landmarks):
    document = PointsDocument.model_validate_json(run("show", landmarks, "--json"))
    assert document.coordinate_system == "LPS"
    assert document.notice == NOT_FOR_CLINICAL_USE
    assert [point.label for point in document.points] == list(POINTS.labels)
    assert document.points[0].position_lps_mm == (1.25, -2.5, 3.0)
    assert document.points[0].confidence == 0.5
    assert document.points[5].position_lps_mm is None


def test_an_order_names_the_points_of_a_file_without_labels(landmarks, tmp_path):
    run("convert", landmarks, tmp_path / "hps.mps")
    (tmp_path / "hps.mps").rename(tmp_path / "anything.mps")
    shown = json.loads(run("show", tmp_path / "anything.mps", "--json", "--order", "RCC,LCC,ACC,RCA,LCA"))
    assert [point["label"] for point in shown["points"]] == ["RCC", "LCC", "NCC", "RCO", "LCO"]
    assert refusal("show", tmp_path / "anything.mps", "--order", "RCC,LCC").code == ExitCode.POINTS_INVALID


def test_conversion_says_what_the_new_file_cannot_hold(landmarks, tmp_path):
    output = run("convert", landmarks, tmp_path / "hps.mps")
    assert "in order, RCC, LCC, NCC, RCO, LCO" in output
    assert "Left out of hps.mps: MS1, MS2" in output
    assert read_points(tmp_path / "hps.mps")["LCO"].position_lps_mm == (13.0, 14.0, 15.0)
    assert "Left out of a.fcsv: MS1" in run("convert", landmarks, tmp_path / "a.fcsv")
    assert run("convert", landmarks, tmp_path / "a.csv") == ""
    assert read_points(tmp_path / "a.csv") == POINTS


@pytest.mark.parametrize("name", ["ms.mps", "all.mps"])
def test_undefined_points_are_not_converted_to_mps(landmarks, tmp_path, name):
    error = refusal("convert", landmarks, tmp_path / name)
    assert error.code == ExitCode.POINTS_INVALID
    assert "MS1" in error.what
    assert not (tmp_path / name).exists()


def test_an_existing_file_is_replaced_only_on_demand(landmarks, tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("mine")
    assert refusal("convert", landmarks, target).code == ExitCode.OUTPUT_NOT_WRITABLE
    assert target.read_text() == "mine"
    run("convert", landmarks, target, "--overwrite")
    assert read_points(target) == POINTS


def test_a_process_ends_with_three_lines_and_the_errors_code(tmp_path):
    path = tmp_path / "bad.mps"
    path.write_text("<point_set_file>\n<nonsense/></point_set_file>")
    command = [sys.executable, "-m", "fedkd", "points", "show", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == ExitCode.POINTS_INVALID
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 3
    assert "nonsense" in result.stderr
    assert f"{path}, line 2" in result.stderr


def test_a_process_prints_json_and_notes_apart(landmarks, tmp_path):
    command = [sys.executable, "-m", "fedkd", "points"]
    shown = subprocess.run([*command, "show", str(landmarks), "--json"], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout)["points"][0]["label"] == "RCC"
    converted = subprocess.run(
        [*command, "convert", str(landmarks), str(tmp_path / "a.fcsv")], capture_output=True, text=True, check=True
    )
    assert converted.stdout == ""
    assert "MS1" in converted.stderr
