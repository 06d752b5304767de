"""What a model is, in the few facts that a user or a script asks for."""

from __future__ import annotations

from typing import Any

from fedkd.confidence import Calibration, Level, counts_of
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


def calibration_line(calibration: Calibration | None) -> str:
    """Return in a sentence what the model's confidence is worth."""
    if calibration is None:
        return "confidence: not calibrated; nobody knows what a number is worth"
    fitted, held = calibration.fitted_on, calibration.held_out
    far: dict[Level, str] = {}
    levels: tuple[Level, Level] = ("low", "high")
    for level in levels:
        points, near = counts_of(held.bins, level)
        far[level] = f"{points - near} of {points}"
    return (
        f"confidence: calibrated on {fitted.points} points of {fitted.cases} cases, {calibration.made_on}; on "
        f"{held.cases} others {far['high']} points of high confidence, and {far['low']} of low, were off by more than "
        f"{calibration.near_mm:.0f} mm"
    )
