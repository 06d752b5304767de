"""Calibrations: fitted to evaluations, proven on others, written into packages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fedkd.cli import app
from fedkd.confidence import NEAR_MM, counts_of
from fedkd.errors import ExitCode, FedkdError
from fedkd.evaluation.calibrate import calibrate, fit_knots
from fedkd.evaluation.document import EvaluationDocument, document_of, read_evaluation
from fedkd.evaluation.reliability import EDGES, bins_of, level_lines
from fedkd.evaluation.score import CaseScore
from fedkd.models import EMBEDDED_MODEL_FOLDER, load_model
from fedkd.models.loaded import LoadedModel


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model()


def scores(seed: int, cases: int = 60, slope: float = 1.0, offset: float = 0.0) -> list[CaseScore]:
    """Cases whose points lie near with a probability that is logistic in the log-odds of their confidence."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(cases):
        raw = rng.uniform(0.02, 0.98, 7)
        near = rng.uniform(size=7) < 1 / (1 + np.exp(-(slope * np.log(raw / (1 - raw)) + offset)))
        names = ("RCC", "LCC", "NCC", "RCO", "LCO", "MS1", "MS2")
        errors = dict(zip(names, np.where(near, 1.0, 9.0).tolist(), strict=True))
        sure = dict(zip(names, raw.tolist(), strict=True))
        if number == 0:
            errors["MS1"], sure = float("nan"), {name: sure[name] for name in names if name != "MS1"}
        case_seed = 100_000 * seed + number
        made.append(CaseScore(f"phantom-{case_seed}", errors, sure, (), 1.0, None, None, phantom_seed=case_seed))
    return made


def document(model: LoadedModel, seed: int, **how: float) -> EvaluationDocument:
    return document_of(scores(seed, **how), [model], f"fedkd evaluate cases-{seed}")


points = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=10, max_size=200)


@settings(deadline=None, max_examples=60)
@given(points=points)
def test_whatever_is_fitted_is_a_share_and_never_falls(points: list[tuple[float, bool]]) -> None:
    raw, is_near = np.array([one[0] for one in points]), np.array([one[1] for one in points])
    if min(is_near.sum(), (~is_near).sum()) < 5:
        with pytest.raises(FedkdError):
            fit_knots(raw, is_near)
        return
    found = [knot.probability for knot in fit_knots(raw, is_near)]
    assert all(0 <= one <= 1 for one in found)
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (2.0, 1.5), (0.5, -1.0)])
def test_the_truth_is_found_again(model: LoadedModel, slope: float, offset: float) -> None:
    fitted = calibrate(document(model, 1, cases=600, slope=slope, offset=offset), document(model, 2), "now")
    for raw in (0.1, 0.3, 0.5, 0.7, 0.9):
        truth = 1 / (1 + np.exp(-(slope * np.log(raw / (1 - raw)) + offset)))
        assert fitted.probability(raw) == pytest.approx(truth, abs=0.05)


def test_the_proof_counts_points_of_other_cases(model: LoadedModel) -> None:
    made = calibrate(document(model, 1), document(model, 2, cases=40), "fedkd model calibrate p a b")
    assert (made.fitted_on.cases, made.fitted_on.points, made.fitted_on.not_found) == (60, 419, 1)
    assert (made.held_out.cases, made.held_out.points, made.held_out.not_found) == (40, 279, 1)
    assert (made.fitted_on.seeds, made.held_out.seeds) == ((1,), (2,))
    assert made.commands == ("fedkd evaluate cases-1", "fedkd evaluate cases-2", "fedkd model calibrate p a b")
    assert sum(one.points for one in made.held_out.bins) == 279
    held = document(model, 2, cases=40)
    near = sum(point.error_mm is not None and point.error_mm <= NEAR_MM for case in held.cases for point in case.points)
    assert sum(one.near for one in made.held_out.bins) == near


def test_no_proof_on_the_cases_that_it_was_fitted_to(model: LoadedModel) -> None:
    with pytest.raises(FedkdError, match="would prove nothing") as caught:
        calibrate(document(model, 1), document(model, 1, cases=5), "now")
    assert caught.value.code == ExitCode.USAGE


def test_evaluations_of_two_models_do_not_go_together(model: LoadedModel) -> None:
    other = document(model, 2).model_copy(update={"weights_sha256": ("ab" * 32,)})
    with pytest.raises(FedkdError, match="different models"):
        calibrate(document(model, 1), other, "now")


def test_too_few_points_are_refused(model: LoadedModel) -> None:
    with pytest.raises(FedkdError, match="at least 5 points"):
        calibrate(document(model, 1, cases=1), document(model, 2), "now")


def test_points_at_edges_fall_into_one_bin_each() -> None:
    at_edges = np.array(EDGES)
    bins = bins_of(at_edges, np.full(len(EDGES), 5.0))
    assert [one.points for one in bins] == [1] * (len(EDGES) - 2) + [2]
    assert all(one.near == one.points for one in bins), "5 mm is within 5 mm"


def test_levels_are_told_with_counts_and_intervals() -> None:
    bins = bins_of(np.array([0.2, 0.3, 0.995, 0.995]), np.array([9.0, 1.0, 1.0, 6.0]))
    low, high = level_lines(bins)
    assert low.startswith("Confidence low: 1 of 2 points (50.0%, 95 % interval")
    assert high.startswith("Confidence high: 1 of 2 points")
    assert counts_of(bins, "fair") == (0, 0)


def package(folder: Path) -> Path:
    return Path(shutil.copytree(EMBEDDED_MODEL_FOLDER, folder / "package"))


def files(folder: Path, model: LoadedModel) -> tuple[str, str]:
    paths = folder / "fit.json", folder / "held-out.json"
    for seed, path in enumerate(paths, start=1):
        path.write_text(document(model, seed).model_dump_json(), encoding="utf-8")
    return str(paths[0]), str(paths[1])


def test_command_writes_it_into_the_package_which_is_another_model_then(tmp_path: Path, model: LoadedModel) -> None:
    place = package(tmp_path)
    result = CliRunner().invoke(app, ["model", "calibrate", str(place), *files(tmp_path, model)])
    assert result.exit_code == 0, result.output
    assert "Confidence high:" in result.output
    again = load_model(place)
    assert again.card.calibration is not None
    assert again.card.calibration.fitted_on.points == 419
    assert again.sha256 != model.sha256, "cases made with another calibration must not count as finished"
    assert again.card.weights_sha256 == model.card.weights_sha256
    shown = CliRunner().invoke(app, ["model", "inspect", str(place)]).output
    assert "confidence: calibrated on 419 points of 60 cases" in shown
    whole = json.loads(CliRunner().invoke(app, ["model", "inspect", str(place), "--json"]).output)
    assert whole["calibration"]["near_mm"] == NEAR_MM


def test_inspect_says_when_a_model_is_not_calibrated(tmp_path: Path) -> None:
    place = package(tmp_path)
    card = json.loads((place / "model.json").read_text(encoding="utf-8"))
    card.pop("calibration", None)
    (place / "model.json").write_text(json.dumps(card), encoding="utf-8")
    assert "confidence: not calibrated" in CliRunner().invoke(app, ["model", "inspect", str(place)]).output


def test_evaluations_of_other_weights_change_no_package(tmp_path: Path, model: LoadedModel) -> None:
    place = package(tmp_path)
    before = (place / "model.json").read_bytes()
    fit, held_out = files(tmp_path, model)
    for path in (fit, held_out):
        values = json.loads(Path(path).read_text(encoding="utf-8"))
        values["weights_sha256"] = ["ab" * 32]
        Path(path).write_text(json.dumps(values), encoding="utf-8")
    result = CliRunner().invoke(app, ["model", "calibrate", str(place), fit, held_out])
    assert isinstance(result.exception, FedkdError)
    assert "other networks" in result.exception.what
    assert (place / "model.json").read_bytes() == before


def test_a_file_that_is_no_evaluation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FedkdError) as missing:
        read_evaluation(tmp_path / "none.json")
    (tmp_path / "other.json").write_text('{"cases": []}', encoding="utf-8")
    with pytest.raises(FedkdError) as other:
        read_evaluation(tmp_path / "other.json")
    assert (missing.value.code, other.value.code) == (ExitCode.INPUT_NOT_FOUND, ExitCode.INPUT_UNREADABLE)


def test_points_keep_both_confidences(model: LoadedModel) -> None:
    (case, *_) = document_of(scores(3), [model], "now").cases
    lost = {point.label: point for point in case.points}["MS1"]
    assert lost.raw_confidence is lost.confidence is lost.error_mm is None
    found = {point.label: point for point in case.points}["RCC"]
    calibration = model.card.calibration
    assert found.raw_confidence is not None
    assert found.confidence == (None if calibration is None else calibration.probability(found.raw_confidence))
