"""Two training runs become one package, by the command that makes the embedded model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from fedkd.cli.model import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import Normalization, StageSpec, load_model
from fedkd.models.package import weights_of
from fedkd.networks import NetworkSpec, ResidualUNetSpec, SwinUNETRSpec, build_network
from fedkd.training.checkpoint import Checkpoint, write_checkpoint
from fedkd.training.recipe import Optimization, Recipe, Sampling

NETWORKS: dict[str, NetworkSpec] = {
    "localizer": ResidualUNetSpec(heads={"hps": 6, "heart": 8}, filters=(4, 8, 8), deep_levels=1),
    "student": SwinUNETRSpec(heads={"hps": 6, "ms": 3, "calc": 2}, feature_size=12, window_size=4),
}
ABOUT = {
    "model_id": "packed",
    "license": "Apache-2.0",
    "intended_use": "tests",
    "training": {"by": "us"},
    "metrics": {},
}


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Writes a run of each network into ``tmp_path``; the averaged weights by stage."""
    averages = {}
    for name, network in NETWORKS.items():
        torch.manual_seed(len(name))
        stage = StageSpec(
            network=network,
            spacing_mm=2,
            patch_size=32,
            ball_radius_mm=4,
            normalization=Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300),
        )
        recipe = Recipe(
            stage=stage,
            sampling=Sampling(jitter_sd_mm=2, context_dropout=0),
            optimization=Optimization(steps=1, learning_rate=0.01, warmup_steps=1, precision="float32", seed=3),
        )
        averages[name] = weights_of(build_network(network))
        latest = {key: torch.zeros_like(value) for key, value in averages[name].items()}
        (tmp_path / name).mkdir()
        write_checkpoint(tmp_path / name, Checkpoint(recipe, 1, 60.0, latest, averages[name], {}))
    return averages


def test_averaged_weights_are_packed_in_half_precision(
    runs: dict[str, dict[str, torch.Tensor]], tmp_path: Path
) -> None:
    (tmp_path / "about.json").write_text(json.dumps(ABOUT))
    arguments = [tmp_path / "localizer", tmp_path / "student", "--output", tmp_path / "package"]
    arguments += ["--about", tmp_path / "about.json"]
    result = CliRunner().invoke(app, ["pack", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    model = load_model(tmp_path / "package")
    assert (model.model_id, model.card.procedure) == ("packed", "coarse_to_fine")
    assert model.card.training["student"]["steps_done"] == 1
    for name, network in (("student", model.network), ("localizer", model.localizer)):
        assert network is not None
        for key, value in weights_of(network).items():
            torch.testing.assert_close(value, runs[name][key].half().float())


def test_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text(json.dumps(ABOUT))
    arguments = ["pack", tmp_path, tmp_path, "--output", tmp_path / "package", "--about", tmp_path / "about.json"]
    with pytest.raises(FedkdError) as caught:
        CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert caught.value.code is ExitCode.TRAINING_DATA_INVALID
