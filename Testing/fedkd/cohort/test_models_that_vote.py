"""``fedkd predict --model A --model B`` as a user runs it, with teachers of one task each; nothing is a double here."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from builders.reference_checkpoints import UNetShape, save, single_task_unet
from doubles.run_command import small_ct
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.cohort.messages import RunRequest
from fedkd.cohort.predictor import ModelIdentity, NetworkPredictor, common_sha256
from fedkd.errors import ExitCode, FedkdError
from fedkd.passes import Passes
from fedkd.pointsets import read_points

BASE = {"run_token": "token", "cases": [{"case_id": "one", "path": "ct.nii.gz"}]}
SHAPE = UNetShape(filters=(2, 2), strides=((1, 1, 1), (2, 2, 2)))


@pytest.fixture(scope="module")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("teachers")
    with torch.random.fork_rng():
        torch.manual_seed(12)
        return {
            head: save(single_task_unet(SHAPE, head).state, folder / f"{head}-teacher.pt") for head in ("hps", "ms")
        }


def predict(folder: Path, *options: str | Path) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "fedkd", "predict", folder / "one.nii.gz", "--output", folder / "out"]
    ended = subprocess.run(
        [*map(str, command), *map(str, options), "--device", "cpu", "--progress", "json"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    return ended.returncode, json.loads(ended.stdout.splitlines()[-1])


def test_two_teachers_give_all_points_and_are_both_named(teachers: dict[str, Path], tmp_path: Path) -> None:
    small_ct(tmp_path / "one.nii.gz")
    both = ("--model", teachers["hps"], "--model", teachers["ms"])
    code, last = predict(tmp_path, *both)
    assert code == ExitCode.OK, last
    case = tmp_path / "out" / "one"
    provenance = json.loads((case / "provenance.json").read_text())
    members = provenance["model"]["members"]
    assert {one["id"] for one in members} == {"hps-teacher", "ms-teacher"}
    assert provenance["model"]["sha256"] == common_sha256([one["sha256"] for one in members])
    assert provenance["parameters"]["passes"] == "standard"
    points = read_points(case / "landmarks.mrk.json")
    assert points.labels == LANDMARK_NAMES
    for names in (("RCC", "LCC", "NCC", "RCO", "LCO"), ("MS1", "MS2")):
        assert any(points[name].is_defined for name in names), "each teacher found something"
    assert any("These models know nothing of: calc." in note for note in provenance["notes"])
    report = (case / "report.html").read_text()
    for one in members:
        assert one["id"] in report
        assert one["sha256"] in report
    with (tmp_path / "out" / "summary.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert {f"{name}_spread_mm" for name in LANDMARK_NAMES} <= set(row)

    swapped = ("--model", teachers["ms"], "--model", teachers["hps"])
    code, last = predict(tmp_path, *swapped)
    assert (code, last["result"]["cases"][0]["status"]) == (ExitCode.OK, "skipped"), "their order makes no difference"
    for others in (("--model", teachers["hps"]), (*both, "--passes", "mirrored")):
        code, _ = predict(tmp_path, *others)
        assert code == ExitCode.CASE_EXISTS, "a case of other models, or of other passes, is not theirs"


@pytest.mark.parametrize("passes", [Passes.STANDARD, Passes.MIRRORED])
def test_hash_is_known_before_the_models_are_loaded(teachers: dict[str, Path], passes: Passes, tmp_path: Path) -> None:
    chosen = {"models": list(teachers.values()), "passes": passes, "device": "cpu"}
    request = RunRequest.model_validate(BASE | chosen | {"output": tmp_path})
    predictor = NetworkPredictor(request)
    assert predictor.model.sha256 == NetworkPredictor.model_sha256(request)
    assert [one.model_id for one in predictor.model.members] == predictor.model.model_id.split(" + ")


def test_models_given_twice_and_mirrors_for_those_that_know_none_are_refused(
    teachers: dict[str, Path], tmp_path: Path
) -> None:
    copied = tmp_path / "copy.pt"
    copied.write_bytes(teachers["ms"].read_bytes())
    for chosen in (
        {"models": [teachers["ms"], teachers["ms"]]},
        {"models": [teachers["ms"], copied]},
        {"passes": "mirrored"},
        {"models": [teachers["ms"], "embedded"], "passes": "mirrored"},
    ):
        with pytest.raises(FedkdError) as caught:
            NetworkPredictor(RunRequest.model_validate(BASE | chosen | {"output": tmp_path, "device": "cpu"}))
        assert caught.value.code is ExitCode.USAGE


def test_identity_of_models_is_that_of_each_in_any_order() -> None:
    one, two = ModelIdentity("one", "1" * 64), ModelIdentity("two", "2" * 64)
    assert ModelIdentity.of_members([one]) is one
    both = ModelIdentity.of_members([two, one])
    assert both == ModelIdentity.of_members([one, two])
    assert (both.model_id, both.members) == ("one + two", (one, two))
    assert both.sha256 not in (one.sha256, two.sha256)
