"""What a model is, in the few facts that a user or a script asks for."""

from __future__ import annotations

from typing import Any

from fedkd.models.card import PackedStage
from fedkd.models.loaded import LoadedModel
from fedkd.networks import AnySpec, PlainConvUNetSpec, ResidualUNetSpec


def summary_of(model: LoadedModel) -> dict[str, Any]:
    """Return the student's facts at the top, the localizer's below, and all that the description says besides."""
    card = model.card.model_dump(mode="json")
    return {
        "sha256": model.sha256,
        **card,
        "procedure": model.card.procedure,
        **stage_facts(model.card.student),
        "localizer": None if model.card.localizer is None else card["localizer"] | stage_facts(model.card.localizer),
    }


def stage_facts(stage: PackedStage) -> dict[str, Any]:
    """Return what one network is: architecture, feature size, channels, heads, voxels, normalization, condition."""
    network = stage.network
    return {
        "architecture": network.architecture,
        "feature_size": _feature_size(network),
        "in_channels": network.in_channels,
        "heads": dict(network.heads),
        "spacing_mm": stage.spacing_mm,
        "patch_size": stage.patch_size,
        "normalization": stage.normalization.model_dump(),
        "condition": stage.condition,
    }


def _feature_size(network: AnySpec) -> int:
    """Return the channels of the finest level."""
    if isinstance(network, ResidualUNetSpec | PlainConvUNetSpec):
        return network.filters[0]
    return network.feature_size
