"""Models that are made in a moment: both stages, few weights, all of them random."""

from __future__ import annotations

import torch

from fedkd.models import LoadedModel, ModelCard, Normalization, StageSpec
from fedkd.networks import ResidualUNetSpec, SwinUNETRSpec, build_network

NORMALIZATION = Normalization(clip_low_hu=-300, clip_high_hu=1200, mean_hu=250, sd_hu=300)
LOCALIZER = StageSpec(
    network=ResidualUNetSpec(heads={"hps": 6, "heart": 8}, filters=(4, 8, 8), deep_levels=1),
    spacing_mm=4.0,
    patch_size=16,
    ball_radius_mm=8.0,
    normalization=NORMALIZATION,
)
# The smallest patch on whose coarsest level an instance norm still has something to average.
STUDENT = StageSpec(
    network=SwinUNETRSpec(heads={"hps": 6, "ms": 3, "calc": 2}, feature_size=12, window_size=2, depths=(1, 1, 1, 1)),
    spacing_mm=1.5,
    patch_size=64,
    ball_radius_mm=4.0,
    normalization=NORMALIZATION,
)


def tiny_model(student: StageSpec = STUDENT) -> LoadedModel:
    """A model whose random weights are always the same."""
    packed = {
        name: {**spec.model_dump(), "weights": f"{name}.safetensors", "sha256": "0" * 64}
        for name, spec in (("localizer", LOCALIZER), ("student", student))
    }
    about = {"model_id": "tiny", "license": "Apache-2.0", "intended_use": "Tests.", "training": {}, "metrics": {}}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network, localizer = build_network(student.network).eval(), build_network(LOCALIZER.network).eval()
    return LoadedModel(ModelCard.model_validate({**about, **packed}), "0" * 64, network, localizer)
