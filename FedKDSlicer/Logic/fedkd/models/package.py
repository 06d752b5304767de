"""Reading and writing model packages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from safetensors.torch import save as dump_safetensors

from fedkd.atomic import write_atomically, write_text_atomically, writing_error
from fedkd.models.card import ModelCard, PackedStage, StageSpec
from fedkd.models.loaded import LoadedModel
from fedkd.models.package_content import read_card, read_weights
from fedkd.models.package_files import CARD_NAME, PackageFiles, open_package
from fedkd.models.refusal import model_invalid
from fedkd.networks import build_network
from fedkd.networks.multi_head import MultiHeadNetwork

Stage = tuple[StageSpec, Mapping[str, torch.Tensor]]


def load_package(path: Path) -> LoadedModel:
    """Load the package at ``path``: its folder, its ``model.json``, or its one file.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID when the description, a hash or the weights are wrong.
    """
    files = open_package(path)
    card, raw = read_card(files)
    return LoadedModel(
        card=card,
        sha256=hashlib.sha256(raw).hexdigest(),
        network=_load_stage(files, card.student),
        localizer=None if card.localizer is None else _load_stage(files, card.localizer),
    )


def save_model(
    folder: Path,
    card_fields: Mapping[str, Any],
    localizer: Stage,
    student: Stage,
) -> ModelCard:
    """Write a package of two networks as float16 safetensors.

    Args:
        folder: where to; made when missing.
        card_fields: ``model_id``, ``license``, ``intended_use``, ``training``, ``metrics``.
        localizer: description and weights of the coarse network.
        student: description and weights of the fine network.
    """
    stages = {"localizer": localizer, "student": student}
    return write_package(
        folder, card_fields, {name: (spec, _halved(weights)) for name, (spec, weights) in stages.items()}
    )


def write_package(folder: Path, card_fields: Mapping[str, Any], stages: Mapping[str, Stage]) -> ModelCard:
    """Write a package with the weights of ``stages`` (``student``, and maybe ``localizer``) in the type they have.

    The description is written last: without it the folder is no package.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(folder, error) from error
    packed = {name: _pack_stage(folder, f"{name}.safetensors", *stage) for name, stage in stages.items()}
    card = ModelCard.model_validate({**card_fields, **packed})
    text = json.dumps(card.model_dump(mode="json"), indent=2) + "\n"
    write_text_atomically(folder / CARD_NAME, text)
    return card


def weights_of(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the learned tensors by name, each once (MONAI's DynUNet registers some under two names)."""
    return {name: value.detach() for name, value in network.named_parameters()}


def put_weights(network: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy ``weights`` into ``network``.

    Raises:
        ValueError: names or shapes differ; the message names them.
    """
    wanted = dict(network.named_parameters())
    problems = [f"missing {name}" for name in wanted if name not in weights]
    problems += [f"unknown {name}" for name in weights if name not in wanted]
    problems += [
        f"{name} has shape {tuple(weights[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in wanted
        if name in weights and weights[name].shape != wanted[name].shape
    ]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ValueError("; ".join(problems[:3]) + more)
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(weights[name].to(parameter.dtype))


def _load_stage(files: PackageFiles, stage: PackedStage) -> MultiHeadNetwork:
    raw = read_weights(files, stage)
    try:
        network = build_network(stage.network)
    except KeyError as error:  # torch's, for a head with the name of something that its modules have
        what = f"The network of the description cannot be built: {error}."
        raise model_invalid(what, files.where(CARD_NAME)) from error
    try:
        put_weights(network, parse_safetensors(raw))
    except (SafetensorError, ValueError) as error:
        what = f"The weights do not fit the network of the description: {error}."
        raise model_invalid(what, files.where(stage.weights)) from error
    return network.eval()


def _halved(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.to(torch.float16) for name, value in weights.items()}


def _pack_stage(folder: Path, name: str, spec: StageSpec, weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    raw = dump_safetensors({key: value.cpu().contiguous() for key, value in weights.items()})
    write_atomically(folder / name, lambda temporary: _write(temporary, raw))
    return {**spec.model_dump(mode="json"), "weights": name, "sha256": hashlib.sha256(raw).hexdigest()}


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
