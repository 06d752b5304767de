"""Reading and writing model packages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from safetensors.torch import save as dump_safetensors

from fedkd.atomic import write_atomically, write_text_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import ModelCard, PackedStage, StageSpec
from fedkd.networks import MultiHeadNetwork, build_network

CARD_NAME = "model.json"
EMBEDDED_MODEL_FOLDER = Path(__file__).resolve().parents[3] / "Resources" / "Models" / "embedded"
_MAX_CARD_BYTES = 1_000_000
_MAX_WEIGHTS_BYTES = 4_000_000_000


@dataclass(frozen=True)
class LoadedModel:
    """A package in memory, ready to predict. ``network`` is the student."""

    card: ModelCard
    sha256: str
    network: MultiHeadNetwork
    localizer: MultiHeadNetwork

    @property
    def model_id(self) -> str:
        """The name under which results refer to this model."""
        return self.card.model_id

    def to(self, device: torch.device) -> LoadedModel:
        """Move both networks to ``device``; return self."""
        self.network.to(device)
        self.localizer.to(device)
        return self


def load_model(path: Path | None = None) -> LoadedModel:
    """Load the package in folder ``path``, or the embedded one.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID when the description, a hash or the weights are wrong.
    """
    folder = EMBEDDED_MODEL_FOLDER if path is None else path
    if folder.name == CARD_NAME:
        folder = folder.parent
    raw = _read_card_bytes(folder)
    try:
        card = ModelCard.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise _invalid(f"The model's description is wrong at {place}: {first['msg']}.", folder / CARD_NAME) from error
    return LoadedModel(
        card=card,
        sha256=hashlib.sha256(raw).hexdigest(),
        network=_load_stage(folder, card.student),
        localizer=_load_stage(folder, card.localizer),
    )


def save_model(
    folder: Path,
    card_fields: Mapping[str, Any],
    localizer: tuple[StageSpec, Mapping[str, torch.Tensor]],
    student: tuple[StageSpec, Mapping[str, torch.Tensor]],
) -> ModelCard:
    """Write a package of two networks as float16 safetensors.

    Args:
        folder: where to; made when missing.
        card_fields: ``model_id``, ``license``, ``intended_use``, ``training``, ``metrics``.
        localizer: description and weights of the coarse network.
        student: description and weights of the fine network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packed = {
        "localizer": _pack_stage(folder, "localizer.safetensors", *localizer),
        "student": _pack_stage(folder, "student.safetensors", *student),
    }
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


def _read_card_bytes(folder: Path) -> bytes:
    card_path = folder / CARD_NAME
    if not folder.exists():
        raise FedkdError(
            ExitCode.MODEL_NOT_FOUND,
            "The model was not found.",
            where=folder,
            what_to_do="Give the folder of a model package with --model, or leave it out to use the embedded model.",
        )
    if not card_path.is_file():
        raise _invalid(f"This is no model package: it is not a folder with {CARD_NAME}.", folder)
    if card_path.stat().st_size > _MAX_CARD_BYTES:
        raise _invalid("The model's description is too large to be one.", card_path)
    return card_path.read_bytes()


def _load_stage(folder: Path, stage: PackedStage) -> MultiHeadNetwork:
    path = folder / stage.weights
    if not path.is_file():
        raise _invalid("The model's weights are missing.", path)
    if path.stat().st_size > _MAX_WEIGHTS_BYTES:
        raise _invalid("The model's weights are larger than any model this program uses.", path)
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != stage.sha256:
        raise _invalid("The model's weights are not the ones its description names: the hash differs.", path)
    try:
        network = build_network(stage.network)
    except KeyError as error:  # torch's, for a head with the name of something that its modules have
        raise _invalid(f"The network of the description cannot be built: {error}.", folder / CARD_NAME) from error
    try:
        put_weights(network, parse_safetensors(raw))
    except (SafetensorError, ValueError) as error:
        raise _invalid(f"The weights do not fit the network of the description: {error}.", path) from error
    return network.eval()


def _pack_stage(folder: Path, name: str, spec: StageSpec, weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    raw = dump_safetensors({key: value.to(torch.float16).contiguous() for key, value in weights.items()})
    write_atomically(folder / name, lambda temporary: _write(temporary, raw))
    return {**spec.model_dump(mode="json"), "weights": name, "sha256": hashlib.sha256(raw).hexdigest()}


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _invalid(what: str, where: Path) -> FedkdError:
    return FedkdError(
        ExitCode.MODEL_INVALID,
        what,
        where=where,
        what_to_do="Use an unchanged model package, or leave --model out to use the embedded model.",
    )
