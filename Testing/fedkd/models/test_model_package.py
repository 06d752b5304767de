"""Packages: what is written is read; what was tampered with is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import ModelCard, Normalization, StageSpec, load_model
from fedkd.models.package import put_weights, save_model, weights_of
from fedkd.networks import ResidualUNetSpec, SwinUNETRSpec, build_network

NORMALIZATION = Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300)
LOCALIZER = StageSpec(
    network=ResidualUNetSpec(heads={"hps": 6, "heart": 8}, filters=(4, 8, 16), deep_levels=1),
    spacing_mm=4,
    patch_size=32,
    ball_radius_mm=8,
    normalization=NORMALIZATION,
)
STUDENT = StageSpec(
    network=SwinUNETRSpec(heads={"hps": 6, "ms": 3, "calc": 2, "heart": 8}, feature_size=12, window_size=4),
    spacing_mm=1.5,
    patch_size=64,
    ball_radius_mm=4,
    normalization=NORMALIZATION,
)
FIELDS = {"model_id": "test", "license": "Apache-2.0", "intended_use": "tests", "training": {}, "metrics": {}}


@pytest.fixture(scope="module")
def weights() -> dict[str, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    return {
        "localizer": weights_of(build_network(LOCALIZER.network)),
        "student": weights_of(build_network(STUDENT.network)),
    }


@pytest.fixture
def package(tmp_path: Path, weights: dict[str, dict[str, torch.Tensor]]) -> Path:
    folder = tmp_path / "model"
    save_model(folder, FIELDS, (LOCALIZER, weights["localizer"]), (STUDENT, weights["student"]))
    return folder


def test_written_package_loads_with_the_same_weights(
    package: Path, weights: dict[str, dict[str, torch.Tensor]]
) -> None:
    loaded = load_model(package)
    assert loaded.model_id == "test"
    assert len(loaded.sha256) == 64
    for name, value in weights_of(loaded.network).items():
        assert torch.allclose(value, weights["student"][name], atol=1e-3)
    assert not list(package.glob(".partial*"))
    logits = loaded.network(torch.zeros(1, 1, 64, 64, 64))
    assert {head: tuple(value.shape[:2]) for head, value in logits.items()} == {
        "hps": (1, 6),
        "ms": (1, 3),
        "calc": (1, 2),
        "heart": (1, 8),
    }


def test_model_json_itself_may_be_named(package: Path) -> None:
    assert load_model(package / "model.json").model_id == "test"


def refused(path: Path) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        load_model(path)
    assert caught.value.what_to_do
    return caught.value


def test_missing_folder_is_not_found(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere").code == ExitCode.MODEL_NOT_FOUND


def test_foreign_file_and_empty_folder_are_no_packages(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "weights.pt")
    assert refused(tmp_path / "weights.pt").code == ExitCode.MODEL_INVALID
    assert refused(tmp_path).code == ExitCode.MODEL_INVALID


def test_changed_weights_are_refused(package: Path) -> None:
    path = package / "student.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    error = refused(package)
    assert error.code == ExitCode.MODEL_INVALID
    assert "hash" in error.what


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("student", "weights"), "../../../etc/passwd"),
        (("student", "weights"), "/etc/passwd"),
        (("student", "spacing_mm"), -1),
        (("student", "network", "feature_size"), 13),
        (("student", "network", "in_channels"), 2),
        (("student", "patch_size"), 48),
        (("localizer", "network", "deep_levels"), 2),
        (("localizer", "network", "heads"), {"hps": 6}),
        (("student", "network", "heads"), {"hps": 6, "ms": 3, "calc": 3}),
        (("model_id",), "../evil"),
        (("notice",), "cleared for clinical use"),
        (("surprise",), 1),
        (("student", "network", "depths"), [2, 2, 2, 10**9]),
        (("student", "network", "heads"), {}),
        (("student", "network", "heads"), {"hps": 6, "ms": 3, "calc": 2, "a.b": 2}),
        (("student", "network", "heads"), {"hps": 6, "ms": 3, "calc": 2, "keys": 2}),
        (("student", "network", "heads"), {"hps": 6, "ms": 3, "calc": 2} | {f"h{n}": 2 for n in range(1000)}),
    ],
)
def test_wrong_descriptions_are_refused(package: Path, place: tuple[str, ...], value: object) -> None:
    card = json.loads((package / "model.json").read_text())
    target = card
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    (package / "model.json").write_text(json.dumps(card))
    error = refused(package)
    assert error.code == ExitCode.MODEL_INVALID
    assert error.where.endswith("model.json"), "it is the description that is wrong, not the weights"


def test_student_may_do_without_the_heart(package: Path) -> None:
    card = json.loads((package / "model.json").read_text())
    del card["student"]["network"]["heads"]["heart"]
    assert "heart" not in ModelCard.model_validate(card).student.network.heads


def test_weights_of_another_network_are_refused_by_name(package: Path) -> None:
    card = json.loads((package / "model.json").read_text())
    card["student"]["network"]["heads"]["extra"] = 2
    (package / "model.json").write_text(json.dumps(card))
    error = refused(package)
    assert error.code == ExitCode.MODEL_INVALID
    assert "missing outs.extra" in error.what


def test_truncated_description_is_refused(package: Path) -> None:
    text = (package / "model.json").read_text()
    (package / "model.json").write_text(text[: len(text) // 2])
    assert refused(package).code == ExitCode.MODEL_INVALID


def test_put_weights_names_wrong_shapes() -> None:
    network = torch.nn.Linear(2, 3)
    with pytest.raises(ValueError, match="weight has shape"):
        put_weights(network, {"weight": torch.zeros(2, 2), "bias": torch.zeros(3)})


def test_embedded_model_is_small_and_says_what_it_is() -> None:
    loaded = load_model()
    assert loaded.card.notice == "Research software. Not for clinical use."
    assert set(loaded.card.student.network.heads) >= {"hps", "ms", "calc"}
    from fedkd.models import EMBEDDED_MODEL_FOLDER

    assert sum(path.stat().st_size for path in EMBEDDED_MODEL_FOLDER.iterdir()) <= 20_000_000
    assert isinstance(loaded.card, ModelCard)
