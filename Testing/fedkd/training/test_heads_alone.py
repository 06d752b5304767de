"""Heads of one's own, by the commands that users run: the rest of the model stays as it is, bit by bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from builders.head_cases import tiny_package, write_cases
from fedkd.cli import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import LoadedModel, load_model
from fedkd.models.package import weights_of
from fedkd.training.checkpoint import read_checkpoint
from fedkd.training.head_run import is_of_heads

HEAD = ("balls",)


def command(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refusal(*arguments: object) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        command(*arguments)
    return caught.value


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_package(tmp_path_factory.mktemp("parent") / "tiny")


def train(cases: Path, parent: Path, run: Path, *options: object) -> str:
    return command("train", cases, "--start-from", parent, "--output", run, "--workers", 0, "--device", "cpu", *options)


@pytest.fixture(scope="module")
def run(cases: Path, parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "balls"
    train(cases, parent, folder, "--head-only", "balls", "--steps", 3)
    return folder


@pytest.fixture(scope="module")
def child(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("child") / "package"
    command("model", "pack-heads", run, "--output", folder)
    return folder


def logits_of(model: LoadedModel) -> dict[str, torch.Tensor]:
    with torch.inference_mode():
        found: dict[str, torch.Tensor] = model.network(
            torch.randn(1, 1, 64, 64, 64, generator=torch.Generator().manual_seed(1))
        )
    return found


def test_every_other_tensor_and_output_is_the_parents_bit_by_bit(parent: Path, child: Path) -> None:
    before, after = load_model(parent), load_model(child)
    old, new = weights_of(before.network), weights_of(after.network)
    assert set(new) - set(old) == {"outs.balls.conv.conv.weight", "outs.balls.conv.conv.bias"}
    assert all(torch.equal(new[name], value) for name, value in old.items())
    stored_before, stored_after = (load_file(folder / "student.safetensors") for folder in (parent, child))
    assert all(stored_after[name].dtype == value.dtype for name, value in stored_before.items())
    assert before.card.localizer is not None
    assert after.card.localizer is not None
    assert after.card.localizer.sha256 == before.card.localizer.sha256
    logits_before, logits_after = logits_of(before), logits_of(after)
    assert list(logits_after) == [*logits_before, "balls"]
    assert all(torch.equal(logits_after[head], value) for head, value in logits_before.items())


def test_the_head_itself_has_learned_and_is_packed_as_it_was_learned(run: Path, child: Path) -> None:
    last = read_checkpoint(run)
    assert last is not None
    assert last.recipe.trained == HEAD
    assert not torch.equal(last.average["outs.balls.conv.conv.weight"], last.weights["outs.balls.conv.conv.weight"])
    new = weights_of(load_model(child).network)
    assert torch.equal(new["outs.balls.conv.conv.weight"], last.average["outs.balls.conv.conv.weight"])


def test_package_tells_its_lineage_and_its_classes(parent: Path, child: Path) -> None:
    before, after = load_model(parent), load_model(child)
    assert after.model_id == "tiny-balls"
    assert after.card.student.class_names == {"balls": ("balls",)}
    assert after.card.student.channels_of("balls") == ("background", "balls")
    training = after.card.training
    assert training["parent"] == {"model_id": "tiny", "sha256": before.sha256, "training": {"by": "nobody"}}
    assert training["what"] == "new head"
    assert training["data"]["cases"] + training["data"]["kept_for_testing"] == 5
    assert "case-0" not in (child / "model.json").read_text()
    assert "--head-only balls" in training["command"]
    assert (after.card.license, after.card.metrics) == (before.card.license, before.card.metrics)


def test_run_goes_on_where_it_was_stopped(cases: Path, parent: Path, run: Path, tmp_path: Path) -> None:
    for _ in range(3):
        train(cases, parent, tmp_path / "run", "--head-only", "balls", "--steps", 3, "--minutes", 0)
    whole, broken = read_checkpoint(run), read_checkpoint(tmp_path / "run")
    assert whole is not None
    assert broken is not None
    assert broken.step == 3
    assert all(torch.allclose(value, broken.average[name], atol=1e-6) for name, value in whole.average.items())


def test_fine_tuning_changes_the_named_head_alone(cases: Path, child: Path, tmp_path: Path) -> None:
    train(cases, child, tmp_path / "run", "--fine-tune", "balls", "--steps", 2)
    command("model", "pack-heads", tmp_path / "run", "--output", tmp_path / "tuned.zip", "--name", "second")
    old, new = (weights_of(load_model(path).network) for path in (child, tmp_path / "tuned.zip"))
    changed = [name for name, value in old.items() if not torch.equal(new[name], value)]
    assert changed
    assert all(is_of_heads(name, HEAD) for name in changed)
    card = load_model(tmp_path / "tuned.zip").card
    assert (card.model_id, card.metrics) == ("second", {}), "results of another head are not this one's"
    assert card.training["parent"]["training"]["parent"]["model_id"] == "tiny"


def test_head_that_exists_is_not_attached_again(cases: Path, parent: Path, child: Path, tmp_path: Path) -> None:
    for package, head in ((parent, "hps"), (child, "balls")):
        error = refusal("train", cases, "--start-from", package, "--output", tmp_path / "run", "--head-only", head)
        assert error.code is ExitCode.USAGE
        assert f"--fine-tune {head}" in error.what_to_do
    error = refusal("train", cases, "--start-from", parent, "--output", tmp_path / "run", "--fine-tune", "balls")
    assert "no head balls" in error.what


@pytest.mark.parametrize("name", ["../balls", "Balls", "ct", "calcification", "nul", "keys", "a" * 33, "", "balls\x1b"])
def test_impossible_names_are_refused(cases: Path, parent: Path, tmp_path: Path, name: str) -> None:
    if name == "keys":
        for case in cases.iterdir():
            (case / "keys.nii.gz").write_bytes((case / "balls.nii.gz").read_bytes())
    error = refusal("train", cases, "--start-from", parent, "--output", tmp_path / "run", "--head-only", name)
    assert error.code is ExitCode.USAGE
    assert "\x1b" not in str(error)


def test_head_without_a_label_map_is_refused(cases: Path, parent: Path, tmp_path: Path) -> None:
    error = refusal("train", cases, "--start-from", parent, "--output", tmp_path / "run", "--head-only", "veins")
    assert error.code is ExitCode.TRAINING_DATA_INVALID
    assert "veins.nii.gz" in error.what_to_do


def test_run_does_not_go_on_from_another_model(cases: Path, child: Path, run: Path) -> None:
    error = refusal("train", cases, "--start-from", child, "--output", run, "--fine-tune", "balls", "--steps", 3)
    assert "another model" in error.what


def test_run_that_changed_more_than_its_heads_is_not_packed(run: Path, tmp_path: Path) -> None:
    import shutil

    broken = shutil.copytree(run, tmp_path / "run")
    state = torch.load(broken / "checkpoint.pt", weights_only=True)
    state["average"]["outs.hps.conv.conv.bias"] += 1
    torch.save(state, broken / "checkpoint.pt")
    error = refusal("model", "pack-heads", broken, "--output", tmp_path / "package")
    assert "outs.hps" in error.what
    assert not (tmp_path / "package").exists()
