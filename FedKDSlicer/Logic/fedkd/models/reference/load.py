"""A reference checkpoint as a model: what it is, on which voxels it looks, and how they are normalized."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from fedkd.models.card import ModelCard, Normalization, PackedStage, first_problem
from fedkd.models.loaded import LoadedModel
from fedkd.models.reference.checkpoint_file import StateDict, read_state_dict
from fedkd.models.reference.inferred import Inferred, Tensors, network_of
from fedkd.models.reference.settings import SETTING_NAMES, SavedSettings, saved_settings
from fedkd.models.reference.transformers import infer_swinunetr, infer_unetr, is_swinunetr, is_unetr
from fedkd.models.reference.unets import infer_plain_conv_unet, is_plain_conv_unet
from fedkd.models.refusal import model_invalid
from fedkd.networks import AnySpec, PlainConvUNetSpec, UNETRSpec

# The study's: its code subtracts another mean than its paper says, and another of its programs all of it otherwise.
REFERENCE_NORMALIZATIONS = {
    "student": Normalization(clip_low_hu=-1024, clip_high_hu=696, mean_hu=-439.61, sd_hu=520.98),
    "paper": Normalization(clip_low_hu=-1024, clip_high_hu=696, mean_hu=-438.61, sd_hu=520.98),
    "unet": Normalization(clip_low_hu=-42, clip_high_hu=878, mean_hu=373.77, sd_hu=166.81),
}
_PATCH = 96
_WHOLE_CUBE = 192
_SPACING_MM = 1.0
_BALL_RADIUS_MM = 4.0


def load_reference(path: Path, normalization: str | None = None) -> LoadedModel:
    """Load a checkpoint of the study's code as it is.

    Args:
        path: what ``torch.save`` wrote.
        normalization: a name of `REFERENCE_NORMALIZATIONS`; default: the code's for that architecture.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID with the names of what is missing or left over.
    """
    state = read_state_dict(path)
    settings = saved_settings(state)
    inferred = _infer(state, settings)
    network = network_of(inferred)
    name = normalization or ("unet" if isinstance(inferred.spec, PlainConvUNetSpec) else "student")
    try:
        card = _card(state, settings, inferred, name)
    except ValidationError as error:
        raise model_invalid(f"The checkpoint is no model of the aortic root: {first_problem(error)}.", path) from error
    return LoadedModel(card=card, sha256=state.sha256, network=network, localizer=None)


def _infer(state: StateDict, settings: SavedSettings) -> Inferred:
    tensors = Tensors(state.path, {name: value for name, value in state.tensors.items() if name not in SETTING_NAMES})
    if is_swinunetr(tensors):
        return infer_swinunetr(tensors)
    if is_unetr(tensors):
        return infer_unetr(tensors)
    if is_plain_conv_unet(tensors):
        return infer_plain_conv_unet(tensors, settings.fed_task)
    some = ", ".join(name[:60] for name in list(tensors)[:3])
    raise model_invalid(f"The checkpoint is none of the networks this program knows (its tensors: {some}).", state.path)


def _card(state: StateDict, settings: SavedSettings, inferred: Inferred, normalization: str) -> ModelCard:
    stage = PackedStage(
        network=inferred.spec,
        spacing_mm=_SPACING_MM,
        patch_size=_patch_size(inferred.spec, settings),
        ball_radius_mm=_BALL_RADIUS_MM,
        normalization=REFERENCE_NORMALIZATIONS[normalization],
        condition=_condition(state, settings, inferred.spec.in_channels),
        # Only a package has a file of its own for each stage.
        weights="checkpoint.pt",
        sha256=state.sha256,
    )
    return ModelCard(
        model_id=re.sub(r"[^A-Za-z0-9._-]", "-", state.path.stem).strip("._-")[:64] or "checkpoint",
        license="unknown: ask those who trained it",
        intended_use="Research. A checkpoint of the study's code. Not for clinical use.",
        student=stage,
        training={"origin": inferred.kind, "settings": settings.as_dict(), "normalization": normalization},
        metrics={},
    )


def _patch_size(spec: AnySpec, settings: SavedSettings) -> int:
    if isinstance(spec, UNETRSpec):
        return spec.patch_size
    return _WHOLE_CUBE if settings.patches is False else _PATCH


def _condition(state: StateDict, settings: SavedSettings, in_channels: int) -> str | None:
    is_conditioned = in_channels == 2
    if settings.condition_on_seg is not None and settings.condition_on_seg is not is_conditioned:
        said = "with" if settings.condition_on_seg else "without"
        raise model_invalid(
            f"The checkpoint says it was trained {said} the heart's label map, but has {in_channels} input channels.",
            state.path,
        )
    return "heart_labels" if is_conditioned else None
