"""Packages in a folder or a file, the user's folder of models, and ``fedkd model``."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from builders.reference_checkpoints import Bare, UNetShape, multi_head_unet, save, unetr
from fedkd.cli.model import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import EMBEDDED_MODEL_FOLDER, add_model, find_model, known_models, load_model
from fedkd.models.convert import Naming, convert_checkpoint
from fedkd.models.new_package import write_one_file
from fedkd.models.package_files import open_package


@pytest.fixture(scope="module")
def bare() -> Bare:
    torch.manual_seed(5)
    return multi_head_unet(UNetShape())


@pytest.fixture
def checkpoint(bare: Bare, tmp_path: Path) -> Path:
    return save(bare.state, tmp_path / "federated round 20.pt")


@pytest.fixture(autouse=True)
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEDKD_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def package(checkpoint: Path, tmp_path: Path) -> Path:
    convert_checkpoint(checkpoint, tmp_path / "package", Naming("teacher"))
    return tmp_path / "package"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refused(act, *arguments: object, code: ExitCode = ExitCode.MODEL_INVALID) -> str:
    with pytest.raises(FedkdError) as caught:
        act(*arguments)
    assert caught.value.code is code
    return caught.value.what


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_converted_checkpoint_gives_the_same_logits(name: str, bare: Bare, checkpoint: Path, tmp_path: Path) -> None:
    run("convert", checkpoint, "--output", tmp_path / name, "--name", "teacher", "--license", "CC-BY-4.0")
    model = load_model(tmp_path / name)
    assert (model.model_id, model.card.license, model.card.procedure) == ("teacher", "CC-BY-4.0", "reference")
    assert model.card.training["checkpoint_sha256"] == load_model(checkpoint).sha256
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.inference_mode():
        for head, values in bare.logits(x).items():
            torch.testing.assert_close(model.network(x)[head], values, atol=1e-5, rtol=0)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_convert_overwrites_nothing(checkpoint: Path, package: Path) -> None:
    refused(convert_checkpoint, checkpoint, package, Naming(), code=ExitCode.CASE_EXISTS)


def test_inspect_tells_the_same_of_checkpoint_and_package(checkpoint: Path, package: Path) -> None:
    told = [json.loads(run("inspect", path, "--json")) for path in (checkpoint, package)]
    for facts in told:
        assert facts["architecture"] == "plain_conv_unet"
        assert (facts["feature_size"], facts["in_channels"]) == (4, 1)
        assert facts["heads"] == {"calc": 2, "hps": 6, "ms": 3}
        assert (facts["spacing_mm"], facts["patch_size"], facts["condition"]) == (1.0, 96, None)
        assert facts["normalization"]["mean_hu"] == 373.77
        assert facts["procedure"] == "reference"
    assert "plain_conv_unet, feature size 4" in run("inspect", package)


def test_inspect_tells_of_the_embedded_model_and_of_conditioned_ones(tmp_path: Path) -> None:
    embedded = json.loads(run("inspect", "--json"))
    assert embedded["localizer"]["architecture"] == "residual_unet"
    assert embedded["procedure"] == "coarse_to_fine"
    path = save(unetr(in_channels=2).state, tmp_path / "vit.pt")
    facts = json.loads(run("inspect", path, "--json"))
    assert (facts["architecture"], facts["feature_size"], facts["in_channels"]) == ("unetr", 8, 2)
    assert facts["condition"] == "heart_labels"
    assert "label map" in run("inspect", path)


def test_normalization_can_be_chosen(checkpoint: Path, tmp_path: Path) -> None:
    run("convert", checkpoint, "--output", tmp_path / "other", "--normalization", "paper")
    assert load_model(tmp_path / "other").card.student.normalization.mean_hu == -438.61


@pytest.mark.parametrize("as_one_file", [False, True])
def test_added_model_is_listed_and_found_by_its_name(
    as_one_file: bool, package: Path, models_folder: Path, tmp_path: Path
) -> None:
    source = package
    if as_one_file:
        source = tmp_path / "teacher.zip"
        write_one_file(package, load_model(package).card, source)
    (package / "notes.txt").write_text("not named by the description")
    assert "teacher" in run("add", source)
    assert sorted(path.name for path in (models_folder / "teacher").iterdir()) == ["model.json", "student.safetensors"]
    assert [known.name for known in known_models()] == ["embedded", "teacher"]
    assert load_model(find_model(Path("teacher"))).sha256 == load_model(package).sha256
    rows = json.loads(run("list", "--json"))
    assert [(row["name"], row["default"]) for row in rows] == [("embedded", True), ("teacher", False)]
    assert "teacher: teacher, reference" in run("list")
    assert [path.name for path in models_folder.iterdir()] == ["teacher"]
    refused(add_model, source, code=ExitCode.CASE_EXISTS)


def test_names_of_no_model_are_not_found(models_folder: Path) -> None:
    for name in ("nobody", "../models", "a/b", ""):
        if not Path(name).exists():
            refused(find_model, Path(name), code=ExitCode.MODEL_NOT_FOUND)
    assert find_model(Path("embedded")) == EMBEDDED_MODEL_FOLDER
    assert [known.name for known in known_models()] == ["embedded"]


def test_damaged_model_is_listed_with_its_problem(package: Path, models_folder: Path) -> None:
    add_model(package)
    (models_folder / "teacher" / "model.json").write_text("{}")
    _, known = known_models()
    assert known.card is None
    assert "wrong at" in known.problem
    assert "wrong at" in run("list")


def test_packages_with_wrong_hash_or_schema_are_not_added(package: Path, models_folder: Path) -> None:
    weights, card = package / "student.safetensors", package / "model.json"
    raw = weights.read_bytes()
    weights.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    assert "hash" in refused(add_model, package)
    weights.write_bytes(raw)
    card.write_text(card.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    assert "schema_version" in refused(add_model, package)
    assert not models_folder.exists() or not list(models_folder.iterdir())


def test_one_file_packages_that_lead_elsewhere_or_swell_are_refused(package: Path, tmp_path: Path) -> None:
    card, weights = (package / "model.json").read_text(), (package / "student.safetensors").read_bytes()
    path = tmp_path / "evil.zip"

    def zipped(entries: dict[str, str | bytes], compression: int = zipfile.ZIP_STORED) -> Path:
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return path

    assert (
        load_model(zipped({"teacher/model.json": card, "teacher/student.safetensors": weights})).model_id == "teacher"
    )
    refused(load_model, zipped({"model.json": card, "../student.safetensors": weights}))
    refused(load_model, zipped({"model.json": card, "/etc/student.safetensors": weights}))
    refused(load_model, zipped({"model.json": card, "a/b/student.safetensors": weights}))
    refused(load_model, zipped({"model.json": card}))
    refused(load_model, zipped({"model.json": card, "x/model.json": card, "student.safetensors": weights}))
    bomb = zipped({"model.json": b" " * 5_000_000, "student.safetensors": weights}, zipfile.ZIP_DEFLATED)
    assert "larger" in refused(load_model, bomb)
    whole = zipped({"model.json": card, "student.safetensors": weights}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(load_model, path)
    broken = bytearray(whole)
    broken[len(card) + 500] ^= 0xFF
    path.write_bytes(broken)
    refused(load_model, path)


def test_reading_more_than_allowed_of_a_file_is_refused(package: Path) -> None:
    assert "larger" in refused(open_package(package).read, "model.json", 10)
    assert "missing" in refused(open_package(package).read, "nothing", 10)


@pytest.mark.parametrize("field", ["license", "intended_use"])
def test_a_description_that_would_command_a_terminal_is_refused(package: Path, field: str) -> None:
    card = json.loads((package / "model.json").read_text())
    (package / "model.json").write_text(json.dumps(card | {field: "\x1b]0;mine\x07"}))
    assert f"{field}: Value error, it holds characters that are no text" in refused(load_model, package)


@pytest.mark.skipif(os.name == "nt", reason="no file can have such a name there")
def test_a_folder_whose_name_would_command_a_terminal_is_not_listed(package: Path, models_folder: Path) -> None:
    shutil.copytree(package, models_folder / "\x1b[31mmine")
    shutil.copytree(package, models_folder / "two\nlines")
    assert [known.name for known in known_models()] == ["embedded"]
