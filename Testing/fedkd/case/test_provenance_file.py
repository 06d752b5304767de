from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from fedkd.case.provenance import (
    InputRecord,
    ModelRecord,
    ParametersRecord,
    PointRecord,
    Provenance,
    SceneRecord,
    read_provenance,
    write_provenance,
)
from fedkd.case.versions import versions_in_use


def some_provenance(files: tuple[str, ...] = ("views/a.png",)) -> Provenance:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Provenance(
        case="a",
        input=InputRecord(
            name="ct.nii.gz", format="nifti", sha256="0" * 64, size_xyz=(2, 3, 4), spacing_mm=(0.4, 0.4, 0.8)
        ),
        model=ModelRecord(id="m", sha256="1" * 64),
        parameters=ParametersRecord(device="auto"),
        heart_source="model",
        versions=versions_in_use(),
        landmarks=(PointRecord(label="RCC", found=True, confidence=0.5),),
        calcification_mm3=12.5,
        calcification_threshold_hu=None,
        scene=SceneRecord(status="made"),
        files=files,
        seconds_by_stage={"read": 0.1},
        started_utc=now,
        finished_utc=now,
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_provenance(tmp_path, some_provenance())
    assert read_provenance(tmp_path) == some_provenance()


def test_anything_else_is_no_provenance_of_ours(tmp_path: Path) -> None:
    assert read_provenance(tmp_path) is None
    good = json.loads(some_provenance().model_dump_json())
    damaged = [good | {"schema_version": 99}, good | {"extra": 1}, {k: v for k, v in good.items() if k != "model"}, []]
    for content in ["", "{", "null", *map(json.dumps, damaged)]:
        (tmp_path / "provenance.json").write_text(content)
        assert read_provenance(tmp_path) is None


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "views/../../x", "a\\b", ""])
def test_files_cannot_lie_outside_the_case(name: str) -> None:
    with pytest.raises(ValidationError):
        some_provenance((name,))


@pytest.mark.parametrize("name", ["/home/someone/ct.nii.gz", "C:\\patients\\ct.nii.gz"])
def test_input_is_named_without_its_folder(name: str) -> None:
    with pytest.raises(ValidationError):
        InputRecord(name=name, format="nifti", sha256="0" * 64, size_xyz=(2, 3, 4), spacing_mm=(1, 1, 1))


def test_versions_name_what_takes_part() -> None:
    assert {"fedkd", "python", "torch", "monai", "SimpleITK", "numpy"} <= versions_in_use().keys()
