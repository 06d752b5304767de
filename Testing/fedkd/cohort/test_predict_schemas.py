"""What is written agrees with the schemas in the repository."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from doubles.run_command import predict, small_cts

FOLDER = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas"


def validator(name: str) -> jsonschema.protocols.Validator:
    schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_everything_written_is_valid(tmp_path: Path) -> None:
    line_schema, provenance_schema = validator("progress.schema.json"), validator("provenance.schema.json")
    small_cts(tmp_path / "cts", "good", "incomplete", "fails")
    for run in ("first", "second"):
        ended = predict(tmp_path / "cts", "--output", tmp_path / "out")
        for line in ended.lines:
            line_schema.validate(line)
        kinds = ["error" if "error" in line else "result" if "result" in line else "progress" for line in ended.lines]
        assert set(kinds[:-1]) == {"progress"}, run
        assert kinds[-1] == "error"
    assert predict(tmp_path / "cts" / "good.nii.gz", "--output", tmp_path / "out").last.keys() == {"result"}
    for name in ("good", "incomplete"):
        text = (tmp_path / "out" / name / "provenance.json").read_text()
        provenance_schema.validate(json.loads(text))
        assert str(tmp_path) not in text, "no path of this machine"


@pytest.mark.parametrize(
    "line",
    [
        {"case": "a", "stage": "read", "fraction": 2.0, "message": ""},
        {"case": "a", "stage": "read", "fraction": 0.5},
        {"error": {"code": 3, "name": "INPUT_NOT_FOUND"}},
        {},
    ],
)
def test_schema_refuses_other_lines(line: dict[str, object]) -> None:
    assert not validator("progress.schema.json").is_valid(line)
