"""Whole runs on small real cases: learning, stopping, resuming, refusing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import EMBEDDED_MODEL_FOLDER, load_model
from fedkd.models.card import Normalization, StageSpec
from fedkd.models.package import weights_of
from fedkd.networks import ResidualUNetSpec
from fedkd.pointsets import PointList, read_points, write_points
from fedkd.progress import silent
from fedkd.training.cases import find_cases, is_test_case
from fedkd.training.checkpoint import CHECKPOINT_NAME, read_checkpoint
from fedkd.training.prepared import read_point_heads
from fedkd.training.recipe import Optimization, Recipe, Sampling, choose, read_recipe
from fedkd.training.start import start_from_package
from fedkd.training.trainer import Machine, train

RECIPE = Recipe(
    stage=StageSpec(
        network=ResidualUNetSpec(heads={"ms": 3, "calc": 2}, filters=(4, 8, 8), deep_levels=1),
        spacing_mm=3.0,
        patch_size=16,
        ball_radius_mm=6.0,
        normalization=Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300),
    ),
    sampling=Sampling(jitter_sd_mm=2, context_dropout=0),
    optimization=Optimization(steps=12, learning_rate=0.01, warmup_steps=1, precision="float32", seed=3),
)
MACHINE = Machine(workers=0)


def write_case(folder: Path, rng: np.random.Generator) -> None:
    """A small CT of 60 mm with lung around it and a bright ball at each septum point; no calcification label."""
    folder.mkdir(parents=True)
    image = sitk.GaussianSource(sitk.sitkFloat32, (30, 30, 30), (12.0,) * 3, (30.0,) * 3, 950.0, (2.0,) * 3)
    noise = rng.normal(0, 10, (30, 30, 30))
    ct = sitk.GetImageFromArray((sitk.GetArrayFromImage(image) - 800 + noise).astype(np.int16))
    ct.SetSpacing((2.0,) * 3)
    sitk.WriteImage(ct, str(folder / "ct.nii.gz"))
    write_points(
        folder / "landmarks.mrk.json", PointList.from_positions({"MS1": (28.0, 30.0, 30.0), "MS2": (33.0, 30.0, 30.0)})
    )


@pytest.fixture(scope="module")
def cases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    rng = np.random.default_rng(0)
    for number in range(8):
        write_case(folder / f"case-{number}", rng)
    (folder / "not-a-case").mkdir()
    return folder


def test_run_stopped_half_way_ends_where_an_unbroken_one_does(cases_folder: Path, tmp_path: Path) -> None:
    cases = find_cases(cases_folder)
    whole = train(RECIPE, cases, tmp_path / "whole", MACHINE, silent)
    assert whole.step == 12
    steps = 0
    while steps < 12:
        steps = train(RECIPE, cases, tmp_path / "broken", Machine(workers=0, max_seconds=0), silent).step
    resumed = read_checkpoint(tmp_path / "broken")
    assert resumed is not None
    for name, value in whole.weights.items():
        assert torch.allclose(value, resumed.weights[name], atol=1e-5), name
        assert torch.allclose(whole.average[name], resumed.average[name], atol=1e-5), name


def test_loss_falls(cases_folder: Path, tmp_path: Path) -> None:
    longer = choose(RECIPE, None, 100, None)
    messages: list[str] = []
    train(longer, find_cases(cases_folder), tmp_path, MACHINE, lambda event: messages.append(event.message))
    losses = [float(message.split("ms ")[1].split(";")[0].split(",")[0]) for message in messages]
    assert losses[-1] < 0.7 * losses[0]
    assert list((tmp_path / "tensorboard").iterdir())


def test_diverging_run_stops_and_keeps_its_last_good_checkpoint(cases_folder: Path, tmp_path: Path) -> None:
    wild = RECIPE.model_copy(update={"optimization": RECIPE.optimization.model_copy(update={"learning_rate": 1e30})})
    cases = find_cases(cases_folder)
    first = train(wild, cases, tmp_path, Machine(workers=0, max_seconds=0), silent)
    with pytest.raises(FedkdError) as caught:
        train(wild, cases, tmp_path, MACHINE, silent)
    assert caught.value.code == ExitCode.TRAINING_DIVERGED
    kept = read_checkpoint(tmp_path)
    assert kept is not None
    assert kept.step == first.step
    assert all(bool(torch.isfinite(value).all()) for value in kept.average.values())


def test_patches_made_in_another_process_are_the_same(cases_folder: Path, tmp_path: Path) -> None:
    short = choose(RECIPE, None, 2, None)
    cases = find_cases(cases_folder)
    here = train(short, cases, tmp_path / "here", MACHINE, silent)
    there = train(short, cases, tmp_path / "there", Machine(workers=1), silent)
    assert all(torch.allclose(value, there.weights[name], atol=1e-5) for name, value in here.weights.items())


def test_run_starts_from_a_packages_weights(cases_folder: Path, tmp_path: Path) -> None:
    student = read_recipe("student")
    start_from_package(student, EMBEDDED_MODEL_FOLDER, tmp_path)
    saved = read_checkpoint(tmp_path)
    assert saved is not None
    assert saved.step == 0
    expected = weights_of(load_model().network)
    assert all(torch.equal(value, expected[name]) for name, value in saved.weights.items())
    start_from_package(RECIPE, EMBEDDED_MODEL_FOLDER, tmp_path)
    with pytest.raises(FedkdError, match="no network like"):
        start_from_package(RECIPE, EMBEDDED_MODEL_FOLDER, tmp_path / "other")


def failure(*arguments: object) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        train(*arguments, MACHINE, silent)  # type: ignore[arg-type]
    assert caught.value.code == ExitCode.TRAINING_DATA_INVALID
    return caught.value


def test_another_recipe_does_not_go_on_with_a_run(cases_folder: Path, tmp_path: Path) -> None:
    cases = find_cases(cases_folder)
    train(choose(RECIPE, None, 1, None), cases, tmp_path, MACHINE, silent)
    assert "another recipe" in failure(choose(RECIPE, None, 1, 99), cases, tmp_path).what


def test_damaged_checkpoint_is_named(cases_folder: Path, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_NAME).write_bytes(b"PK\x03\x04 no checkpoint")
    assert failure(RECIPE, find_cases(cases_folder), tmp_path).where.endswith(CHECKPOINT_NAME)


def test_cases_without_any_wanted_label_are_refused(cases_folder: Path, tmp_path: Path) -> None:
    only_calc = choose(RECIPE, ["calc"], None, None)
    assert "calc" in failure(only_calc, find_cases(cases_folder), tmp_path).what


@pytest.mark.parametrize("workers", [0, 1])
def test_unreadable_case_is_named_also_from_another_process(tmp_path: Path, workers: int) -> None:
    folder = tmp_path / "cases" / "case-0"
    write_case(folder, np.random.default_rng(0))
    ct = (folder / "ct.nii.gz").read_bytes()
    (folder / "ct.nii.gz").write_bytes(ct[: len(ct) // 2])
    assert not is_test_case("case-0")
    with pytest.raises(FedkdError) as caught:
        train(RECIPE, find_cases(tmp_path / "cases"), tmp_path / "run", Machine(workers=workers), silent)
    assert "ct.nii.gz" in caught.value.where


def test_folder_without_cases_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FedkdError):
            find_cases(folder)


def test_head_without_a_listed_point_is_not_labeled(cases_folder: Path) -> None:
    for case in find_cases(cases_folder):
        assert set(read_point_heads(case)) == {"ms"}, "a file with the septum alone says nothing of the hinge points"


def test_undefined_point_is_a_label_too(tmp_path: Path) -> None:
    write_case(tmp_path / "case-0", np.random.default_rng(0))
    septum = {"MS1": (28.0, 30.0, 30.0), "MS2": (33.0, 30.0, 30.0)}
    write_points(tmp_path / "case-0" / "landmarks.mrk.json", PointList.from_positions({**septum, "LCO": None}))
    heads = read_point_heads(find_cases(tmp_path)[0])
    assert np.isnan(heads["hps"]).all()
    assert np.isfinite(heads["ms"]).all()


def test_point_sets_of_the_study_are_labels(tmp_path: Path) -> None:
    write_case(tmp_path / "case-0", np.random.default_rng(0))
    landmarks = tmp_path / "case-0" / "landmarks.mrk.json"
    write_points(tmp_path / "case-0" / "ms.mps", read_points(landmarks))
    landmarks.unlink()
    case = find_cases(tmp_path)[0]
    assert case.labeled_heads == {"ms"}
    assert np.allclose(read_point_heads(case)["ms"], [(28, 30, 30), (33, 30, 30)])


def test_a_fifth_is_kept_for_testing_by_the_id_alone() -> None:
    share = np.mean([is_test_case(f"case-{number}") for number in range(5000)])
    assert 0.18 < share < 0.22


@pytest.mark.parametrize("name", ["student", "localizer", "teacher", "unetr"])
def test_built_in_recipes_are_valid(name: str) -> None:
    assert read_recipe(name).stage.network.heads["hps"] == 6


def test_wrong_recipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"stage": {}}')
    for name in ("nothing", str(tmp_path / "recipe.json")):
        with pytest.raises(FedkdError):
            read_recipe(name)
    with pytest.raises(FedkdError):
        choose(RECIPE, ["coronaries"], None, None)
