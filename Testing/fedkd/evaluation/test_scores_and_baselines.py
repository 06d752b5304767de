"""Scores with known answers; baselines that know the truth's place but not the image."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

from builders.reference_checkpoints import UNetShape, save, single_task_unet
from doubles.run_command import small_ct
from fedkd.anatomy import HEADS, LANDMARK_NAMES
from fedkd.cli import app
from fedkd.evaluation.baselines import baseline_errors_mm, fitted_rigidly, mean_shape, placed_at_centroid
from fedkd.evaluation.document import read_evaluation
from fedkd.evaluation.evaluate import score_cases
from fedkd.evaluation.score import CaseScore, annulus_angle_deg, dice, landmark_errors_mm, swapped_names
from fedkd.evaluation.tables import landmark_table, scores_csv, summary_lines
from fedkd.models import LoadedModel, load_model
from fedkd.pointsets import PointList, write_points
from fedkd.prediction import PredictionOptions, study_prediction
from fedkd.training.cases import find_cases

TRUTH = {
    "RCC": np.array([0.0, -12.0, 0.0]),
    "LCC": np.array([10.4, 6.0, 0.0]),
    "NCC": np.array([-10.4, 6.0, 0.0]),
    "RCO": np.array([0.0, -14.0, 15.0]),
    "LCO": np.array([12.0, 7.0, 14.0]),
    "MS1": np.array([-9.0, -4.0, -1.0]),
    "MS2": np.array([-9.0, -4.0, -7.0]),
}


def test_missing_landmark_is_nan_and_others_are_measured() -> None:
    found = {name: position + (0, 0, 2) for name, position in TRUTH.items() if name != "LCO"}
    errors = landmark_errors_mm(TRUTH, found)
    assert np.isnan(errors["LCO"])
    assert errors["RCC"] == pytest.approx(2)


def test_swapped_cusps_are_named_and_small_errors_are_not() -> None:
    found = {**TRUTH, "RCC": TRUTH["LCC"] + 1, "LCC": TRUTH["RCC"], "RCO": TRUTH["RCO"] + 3}
    assert swapped_names(TRUTH, found) == ("RCC", "LCC")


def test_tilted_plane_has_its_angle() -> None:
    turn = Rotation.from_euler("x", 12, degrees=True)
    assert annulus_angle_deg(TRUTH, {k: turn.apply(v) for k, v in TRUTH.items()}) == pytest.approx(12)
    assert np.isnan(annulus_angle_deg(TRUTH, {"RCC": TRUTH["RCC"]}))
    line = {**TRUTH, "NCC": 2 * TRUTH["LCC"] - TRUTH["RCC"]}
    assert np.isnan(annulus_angle_deg(TRUTH, line))


def test_dice_of_nothing_is_not_a_number() -> None:
    empty, full = np.zeros(4, bool), np.ones(4, bool)
    assert np.isnan(dice(empty, empty))
    assert dice(full, empty) == 0
    assert dice(full, full) == 1


@settings(max_examples=30, deadline=None)
@given(turn=st.tuples(*[st.floats(-3, 3)] * 3), shift=st.tuples(*[st.floats(-500, 500)] * 3), mirror=st.booleans())
def test_rigid_fit_undoes_turns_and_shifts_but_never_mirrors(
    turn: tuple[float, ...], shift: tuple[float, ...], mirror: bool
) -> None:
    shape = np.array(list(TRUTH.values()))
    mean = shape - shape.mean(axis=0)
    moved = Rotation.from_rotvec(turn).apply(mean * ((-1, 1, 1) if mirror else (1, 1, 1))) + shift
    error = np.linalg.norm(fitted_rigidly(mean, moved) - moved, axis=1).max()
    assert (error > 1) if mirror else (error < 1e-6)


def test_baselines_leave_the_judged_case_out() -> None:
    rng = np.random.default_rng(0)
    shape = np.array(list(TRUTH.values()))
    shapes = shape + rng.normal(0, 1, (5, 7, 3))
    errors = baseline_errors_mm(shapes)
    expected = placed_at_centroid(mean_shape(shapes[1:]), shapes[0])
    assert np.allclose(errors["mean shape at centroid"][0], np.linalg.norm(expected - shapes[0], axis=1))
    assert errors["mean shape fitted"].shape == (5, 7)


def scores() -> list[CaseScore]:
    good = CaseScore("good", dict.fromkeys(LANDMARK_NAMES, 1.0), {}, (), 2.0, 0.8, (100.0, 90.0))
    poor = CaseScore("poor", {**dict.fromkeys(LANDMARK_NAMES, 3.0), "LCO": float("nan")}, {}, ("RCC",), 6.0, None, None)
    lost = CaseScore(
        "lost", dict.fromkeys(LANDMARK_NAMES, float("nan")), {}, (), float("nan"), None, None, "No heart is in view."
    )
    return [good, poor, lost]


def test_csv_tells_missing_from_unlabeled() -> None:
    rows = list(csv.DictReader(io.StringIO(scores_csv(scores()))))
    assert rows[0]["rcc_error_mm"] == "1.000"
    assert rows[1]["lco_error_mm"] == "missing"
    assert rows[1]["calcification_dice"] == ""
    assert rows[2]["error"] == "No heart is in view."


def test_table_counts_missing_points_and_summary_names_failures() -> None:
    console = Console(record=True, width=140, file=io.StringIO())
    console.print(landmark_table(scores(), [TRUTH] * 3))
    text = console.export_text()
    assert "2/3" in text
    assert "1/3" in text
    lines = summary_lines(scores())
    assert lines[0] == "All labeled points found: 1 of 3 cases"
    assert any("lost: No heart" in line for line in lines)
    assert any("Dice: mean 0.80" in line for line in lines)


def test_case_that_fails_counts_as_nothing_found(tmp_path: Path) -> None:
    folder = tmp_path / "case-0"
    folder.mkdir()
    (folder / "ct.nii.gz").write_bytes(b"no CT")
    label = sitk.Image([4, 4, 4], sitk.sitkUInt8)
    label[1, 1, 1] = 1
    sitk.WriteImage(label, str(folder / "calcification.nii.gz"))
    write_points(folder / "landmarks.mrk.json", PointList.from_positions({"MS1": (1.0, 2.0, 3.0), "MS2": None}))
    (score,) = score_cases(find_cases(tmp_path), [load_model()], PredictionOptions(device="cpu"))
    assert score.error
    assert list(score.errors_mm) == ["MS1"]
    assert np.isnan(score.errors_mm["MS1"])
    assert score.calcification_dice == 0
    assert score.calcification_mm3 == (1.0, 0.0)


def test_models_that_vote_are_scored_together_and_calibrate_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two teachers of one task each: together they know all points, and each point is that of its teacher."""
    monkeypatch.setattr(study_prediction, "CUBE_VOXELS", 96)
    shape = UNetShape(filters=(2, 2), strides=((1, 1, 1), (2, 2, 2)))
    with torch.random.fork_rng():
        torch.manual_seed(12)
        states = {head: single_task_unet(shape, head).state for head in ("hps", "ms")}
    teachers = {head: load_model(save(state, tmp_path / f"{head}.pt")) for head, state in states.items()}
    folder = tmp_path / "cases" / "case-0"
    folder.mkdir(parents=True)
    small_ct(folder / "ct.nii.gz")
    truth = {name: (float(number), 0.0, 0.0) for number, name in enumerate(LANDMARK_NAMES)}
    write_points(folder / "landmarks.mrk.json", PointList.from_positions(truth))

    def errors_of(*models: LoadedModel) -> dict[str, float]:
        (score,) = score_cases(find_cases(tmp_path / "cases"), models, PredictionOptions(device="cpu", backend="torch"))
        assert not score.error
        return score.errors_mm

    both, alone = errors_of(*teachers.values()), {head: errors_of(model) for head, model in teachers.items()}
    for head in ("hps", "ms"):
        names = HEADS[head].channels[1:]
        assert np.isfinite([both[name] for name in names]).any()
        np.testing.assert_allclose([both[name] for name in names], [alone[head][name] for name in names], atol=1e-6)
    options = [str(one) for head in teachers for one in ("--model", tmp_path / f"{head}.pt")]
    ended = CliRunner().invoke(app, ["evaluate", str(tmp_path / "cases"), *options, "--json", str(tmp_path / "e.json")])
    assert ended.exit_code == 0, ended.output
    document = read_evaluation(tmp_path / "e.json")
    assert set(document.model_id.split(" + ")) == {"hps", "ms"}
    assert len(document.weights_sha256) == 2
    assert document.command.endswith("--model hps.pt --model ms.pt")
