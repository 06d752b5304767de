"""A model as ONNX: one graph a stage, one named output a head."""

from __future__ import annotations

import importlib.util
import json
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from fedkd.atomic import new_folder
from fedkd.errors import ExitCode, FedkdError
from fedkd.model_export.stages import NamedStage, class_names, how_to_use, stages_of
from fedkd.models.loaded import LoadedModel
from fedkd.networks.exported import export_network

if TYPE_CHECKING:
    import onnx

INPUT_NAME = "patch"
_NEEDED = ("onnx", "onnxscript")


def export_onnx(model: LoadedModel, folder: Path) -> tuple[Path, ...]:
    """Write ``student.onnx`` and, where there is one, ``localizer.onnx`` into the new folder ``folder``.

    A graph takes ``patch``, float32 (1, channels, z, y, x), normalized as its properties say, and gives for each head
    its logits (1, head channels, z, y, x).

    Raises:
        FedkdError: DEPENDENCY_MISSING without the packages that write ONNX; CASE_EXISTS; OUTPUT_NOT_WRITABLE.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            f"Writing ONNX needs {' and '.join(missing)}.",
            where="--format onnx",
            what_to_do=f"Install: pip install {' '.join(missing)}",
        )
    import onnx

    stages = stages_of(model)
    with new_folder(folder) as partial:
        for stage in stages:
            graph = _graph(stage)
            onnx.helper.set_model_props(graph, _properties(stage, model))
            onnx.checker.check_model(graph)
            onnx.save(graph, partial / f"{stage.name}.onnx")
    return tuple(folder / f"{stage.name}.onnx" for stage in stages)


def _graph(stage: NamedStage) -> onnx.ModelProto:
    network = stage.spec.network
    exported = export_network(stage.network, network.in_channels, stage.spec.patch_size)
    # It tells of every optional package that is not there.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        # Deprecations within the libraries.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            exported,
            dynamo=True,
            input_names=[INPUT_NAME],
            output_names=list(network.heads),
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program although none was to be written")
    return program.model_proto


def _properties(stage: NamedStage, model: LoadedModel) -> dict[str, str]:
    """Return all that a program needs to use the graph rightly; values that are not text are JSON."""
    card, spec = model.card, stage.spec
    return {
        "model_id": card.model_id,
        "model_sha256": model.sha256,
        "stage": stage.name,
        "use": how_to_use(stage, card),
        "notice": card.notice,
        "license": card.license,
        "intended_use": card.intended_use,
        "axes": "patches are (batch, channel, z, y, x); x, y, z grow to the patient's left, back and head",
        "spacing_mm": json.dumps(spec.spacing_mm),
        "patch_size": json.dumps(spec.patch_size),
        "ball_radius_mm": json.dumps(spec.ball_radius_mm),
        "normalization": spec.normalization.model_dump_json(),
        "condition": json.dumps(spec.condition),
        "classes": json.dumps(class_names(spec)),
    }
