"""What a study leaves: the table from values of single cases, and a model that predicts and tells where it is from."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from builders.federation_sites import RECIPE, place, study, train_stage
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.cli import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.evaluation_table import EvaluatedNetwork, Evaluations, ResultTable, result_table
from fedkd.federation.orchestra import Orchestra
from fedkd.federation.replies import EvaluatedCase
from fedkd.federation.results import study_of_folder, write_results
from fedkd.federation.simulated import SimulatedRounds
from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import EvaluateStage
from fedkd.federation.table_views import table_csv, terminal_table
from fedkd.models import load_model
from fedkd.passes import Passes
from fedkd.prediction import PredictionOptions, predict_volume
from fedkd.progress import silent
from fedkd.volumes import read_ct

TABLE = {
    "kind": "evaluate",
    "name": "table",
    "rows": [
        {"method": "local", "network": "UNet", "stage": "local"},
        {"method": "federated", "network": "UNet", "stage": "fed"},
    ],
}
STUDY = study([train_stage(), train_stage("local", aggregation={"kind": "local"}), TABLE])


def case(rcc: float | None, dice: float | None = None, *, failed: bool = False) -> EvaluatedCase:
    return EvaluatedCase(errors_mm={"RCC": rcc}, calcification_dice=dice, failed=failed)


def table_of(*networks: EvaluatedNetwork) -> ResultTable:
    stage = STUDY.stages[2]
    assert isinstance(stage, EvaluateStage)
    return result_table(STUDY, stage, Evaluations(study_sha256=STUDY.sha256, networks=networks))


FEDERATED = EvaluatedNetwork(
    stage="fed",
    network="network",
    cases={"a": (case(1.0, 0.5), case(3.0, -1.0)), "b": (), "h": (case(None, 0.0, failed=True), case(5.0, 1.0))},
)


def test_table_has_means_of_points_and_counts_those_that_were_not_found() -> None:
    row = table_of(FEDERATED).rows[1]
    training, held_out = row.scopes["training sites"], row.scopes["held-out sites"]
    errors = training.errors_mm["hinge points"]
    assert (errors.mean, errors.median, errors.found, errors.of) == (2.0, 2.0, 2, 2)
    assert errors.sd == pytest.approx(2**0.5)
    # Where neither label nor outline marks anything there is no overlap; the case is counted apart.
    assert training.dice.model_dump() == {"mean": 0.5, "sd": None, "cases": 1, "nothing": 1}
    missing = held_out.errors_mm["hinge points and ostia"]
    assert (missing.mean, missing.sd, missing.found, missing.of) == (5.0, None, 1, 2)
    assert (held_out.cases, held_out.failed, held_out.dice.mean) == (2, 1, 0.5)
    assert held_out.errors_mm["septum"].of == 0


def test_networks_of_single_sites_count_at_home_on_held_out_sites_and_elsewhere() -> None:
    networks = [
        EvaluatedNetwork(stage="local", network=name, cases={"a": (case(near),), "b": (case(far),), "h": (case(held),)})
        for name, near, far, held in (("a", 1.0, 9.0, 4.0), ("b", 8.0, 2.0, 6.0))
    ]
    row = table_of(*networks).rows[0]
    means = {scope: found.errors_mm["hinge points"].mean for scope, found in row.scopes.items()}
    assert means == {"training sites": 1.5, "held-out sites": 5.0, "other training sites": 8.5}
    assert row.scopes["held-out sites"].networks == 2


def test_table_can_be_read_by_people_and_spreadsheets() -> None:
    table = table_of(FEDERATED)
    console = Console(width=80, record=True, file=StringIO())
    console.print(terminal_table(table))
    text = console.export_text()
    for part in ("on training sites", "2.00 ± 1.41", "2.00, 2/2", "on held-out sites", "5.00, 1/2", "1 failed"):
        assert part in text, part
    rows = list(csv.DictReader(StringIO(table_csv(table))))
    assert [(row["method"], row["sites"], row["hinge_points_found"]) for row in rows] == [
        ("federated", "training sites", "2"),
        ("federated", "held-out sites", "1"),
    ]


def test_evaluations_of_another_study_or_damaged_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.json"
    path.write_text(Evaluations(study_sha256="0" * 64).model_dump_json())
    for content in (path.read_text(), "{"):
        path.write_text(content)
        with pytest.raises(FedkdError) as caught:
            Evaluations.read(path, STUDY.sha256)
        assert caught.value.code == ExitCode.INPUT_UNREADABLE


@pytest.fixture(scope="module")
def finished(sites: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFile, Path]:
    """A whole study with a teacher, pseudo labels, a student and its package; hardly trained."""
    calc_only = {
        **RECIPE,
        "stage": {**RECIPE["stage"], "network": {**RECIPE["stage"]["network"], "heads": {"calc": 2}}},
    }
    found = study(
        [
            train_stage("teacher", recipe="calc", rounds=1, steps=1),
            {"kind": "label", "name": "pseudo", "teachers": {"calc": "teacher"}},
            train_stage("student", labels="human+pseudo", rounds=1, steps=1),
            {"kind": "evaluate", "name": "table", "rows": [{"method": "m", "network": "UNet", "stage": "student"}]},
        ],
        recipes={"unet": RECIPE, "calc": calc_only},
        package={"model_id": "tiny-federated", "student": "student"},
    )
    work = tmp_path_factory.mktemp("finished")
    (work / "cases").symlink_to(sites / "cases")
    rounds = SimulatedRounds(found, {site.id: place(site.id, work) for site in found.sites})
    Orchestra(found, rounds, work / "out", lambda _: None).run()
    write_results(found, work / "out")
    return found, work / "out"


def test_package_is_a_model_that_tells_its_lineage(finished: tuple[StudyFile, Path]) -> None:
    found, folder = finished
    model = load_model(folder / "package")
    embedded = load_model()
    assert model.model_id == "tiny-federated"
    assert model.card.localizer is not None
    assert embedded.card.localizer is not None
    assert model.card.localizer.sha256 == embedded.card.localizer.sha256
    training = model.card.training
    assert training["study_sha256"] == found.sha256
    assert StudyFile.model_validate(training["study"]).sha256 == found.sha256
    stages = {entry["stage"]: entry for entry in training["stages"]}
    assert stages["teacher"]["sites"] == {"a": {"answers": 1, "steps": 1, "labels": {"calc": 1}}}
    # a has one CT with a human outline of calcium among its three training cases, b none.
    assert {site: one["labels"]["calc"] for site, one in stages["pseudo"]["sites"].items()} == {"a": 2, "b": 3}
    assert stages["student"]["sites"]["b"]["labels"] == {"hps": 0, "ms": 2, "calc": 3}
    assert model.card.metrics["scopes"]["held-out sites"]["cases"] == 2
    text = (folder / "package" / "model.json").read_text()
    assert str(folder.parent) not in text


def test_commands_show_package_table_and_study(finished: tuple[StudyFile, Path], tmp_path: Path) -> None:
    found, folder = finished
    runner = CliRunner()
    for command in (
        ["model", "inspect", str(folder / "package")],
        ["federation", "evaluate", str(folder)],
        ["federation", "pack", str(folder), "--output", str(tmp_path / "again.zip")],
    ):
        result = runner.invoke(app, command, catch_exceptions=False, env={"COLUMNS": "200"})
        assert result.exit_code == 0, result.output
    assert load_model(tmp_path / "again.zip").model_id == "tiny-federated"
    assert study_of_folder(folder).sha256 == found.sha256
    written = json.loads((folder / "tables" / "table.json").read_text())
    assert written["rows"][0]["scopes"]["held-out sites"]["sites"] == ["h"]


def test_package_predicts(finished: tuple[StudyFile, Path], sites: Path) -> None:
    _, folder = finished
    ct = read_ct(next(iter(sorted((sites / "cases" / "h").iterdir()))) / "ct.nii.gz")
    options = PredictionOptions(backend="torch", device="cpu", passes=Passes.QUICK)
    prediction = predict_volume(ct, load_model(folder / "package"), options, silent)
    assert prediction.points.labels == LANDMARK_NAMES
    assert prediction.calcification.GetSize() == ct.grid.size_xyz


def test_same_study_makes_the_same_tensors(finished: tuple[StudyFile, Path], sites: Path, tmp_path: Path) -> None:
    found, folder = finished
    (tmp_path / "cases").symlink_to(sites / "cases")
    rounds = SimulatedRounds(found, {site.id: place(site.id, tmp_path) for site in found.sites})
    again = Orchestra(found, rounds, tmp_path / "out", lambda _: None)
    again.run(["teacher", "pseudo", "student"])
    before = Orchestra(found, rounds, folder, lambda _: None).store_of("student").read()
    after = again.store_of("student").read()
    assert before is not None
    assert after is not None
    assert all(torch.allclose(value, before.weights[name], atol=1e-5) for name, value in after.weights.items())
