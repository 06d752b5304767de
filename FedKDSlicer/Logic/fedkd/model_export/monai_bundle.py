"""A model as a bundle of MONAI: plain networks, their weights, and what ``python -m monai.bundle run`` runs."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fedkd import __version__
from fedkd.atomic import new_folder
from fedkd.errors import ExitCode, FedkdError
from fedkd.model_export.bundle_config import OURS, THE_STUDYS, inference_config
from fedkd.model_export.merged_network import merged_network
from fedkd.model_export.stages import NamedStage, class_names, how_to_use, stages_of
from fedkd.models.card import ModelCard
from fedkd.models.loaded import LoadedModel

# MONAI's own name for the configuration that is run; the student's, as it is what the bundle is for.
_CONFIG_NAMES = {"student": "inference", "localizer": "localizer"}
_MODEL_NAMES = {"student": "model", "localizer": "localizer"}


def export_monai_bundle(model: LoadedModel, folder: Path) -> Path:
    """Write a bundle into the new folder ``folder``; return it.

    Raises:
        FedkdError: USAGE for a network that MONAI does not have or that needs a heart label map; CASE_EXISTS;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    stages = stages_of(model)
    for stage in stages:
        _refuse_condition(stage)
    with new_folder(folder) as partial:
        for part in ("configs", "models", "docs"):
            (partial / part).mkdir()
        for stage in stages:
            weights_name = f"{_MODEL_NAMES[stage.name]}.pt"
            torch.save(merged_network(stage).state_dict(), partial / "models" / weights_name)
            config = inference_config(stage, weights_name, THE_STUDYS if model.localizer is None else OURS)
            _write_json(partial / "configs" / f"{_CONFIG_NAMES[stage.name]}.json", config)
        _write_json(partial / "configs" / "metadata.json", _metadata(model, stages[0]))
        (partial / "docs" / "README.md").write_text(_readme(model.card, stages), encoding="utf-8")
        (partial / "LICENSE").write_text(f"License of the weights: {model.card.license}\n", encoding="utf-8")
    return folder


def _refuse_condition(stage: NamedStage) -> None:
    if stage.spec.condition is not None:
        raise FedkdError(
            ExitCode.USAGE,
            "The bundle reads a CT only, and this network needs the heart's label map, too.",
            where=stage.name,
            what_to_do="Export it with --format onnx.",
        )


def _metadata(model: LoadedModel, student: NamedStage) -> dict[str, Any]:
    card, spec = model.card, student.spec
    side = spec.patch_size
    channels = [f"{head}: {name}" for head, names in class_names(spec).items() for name in names]
    low, high = (
        (limit - spec.normalization.mean_hu) / spec.normalization.sd_hu
        for limit in (spec.normalization.clip_low_hu, spec.normalization.clip_high_hu)
    )
    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json",
        "version": __version__,
        "changelog": {__version__: f"exported from model {card.model_id}"},
        "monai_version": importlib.metadata.version("monai"),
        "pytorch_version": torch.__version__.split("+")[0],
        "numpy_version": np.__version__,
        "required_packages_version": {name: importlib.metadata.version(name) for name in ("nibabel", "einops")},
        "supported_apps": {},
        "name": card.model_id,
        "task": "Landmarks of the aortic root and calcification in contrast CT",
        "description": f"{card.notice} {how_to_use(student, card)}",
        "authors": "FedKDSlicer maintainers",
        "copyright": f"License of the weights: {card.license}",
        "data_type": "nibabel",
        "image_classes": f"CT in HU, voxels of {spec.spacing_mm} mm, normalized",
        "pred_classes": "one label map a head",
        "intended_use": card.intended_use,
        "model_sha256": model.sha256,
        "network_data_format": {
            "inputs": {
                "image": {
                    "type": "image",
                    "format": "hounsfield",
                    "modality": "CT",
                    "num_channels": spec.network.in_channels,
                    "spatial_shape": [side, side, side],
                    "dtype": "float32",
                    "value_range": [low, high],
                    "is_patch_data": True,
                    "channel_def": {"0": "image"},
                }
            },
            "outputs": {
                "pred": {
                    "type": "image",
                    "format": "segmentation",
                    "num_channels": len(channels),
                    "spatial_shape": [side, side, side],
                    "dtype": "float32",
                    "value_range": [],
                    "is_patch_data": True,
                    "channel_def": {str(index): name for index, name in enumerate(channels)},
                }
            },
        },
    }


def _readme(card: ModelCard, stages: tuple[NamedStage, ...]) -> str:
    lines = [f"# {card.model_id}", "", f"**{card.notice}** {card.intended_use}", "", f"License: {card.license}", ""]
    for stage in stages:
        spec, config = stage.spec, _CONFIG_NAMES[stage.name]
        lines += [f"## {stage.name}", "", how_to_use(stage, card), ""]
        lines += [f"Voxels of {spec.spacing_mm} mm, patches of {spec.patch_size} voxels. Heads and their classes:", ""]
        lines += [f"- {head}: {', '.join(names)}" for head, names in class_names(spec).items()]
        lines += [
            "",
            "```",
            "python -m monai.bundle run --bundle_root . --config_file configs/"
            f"{config}.json --dataset_dir FOLDER_WITH_CTS --output_dir RESULTS",
            "```",
            "",
        ]
    lines += [
        "MONAI's runner needs nibabel, einops, fire and pytorch-ignite. It reads `*.nii.gz` in HU and writes, for each",
        "head, a label map on the CT's grid.",
        "",
        "The bundle holds the networks only. What makes landmarks of their maps is FedKDSlicer's: averaging before the",
        "voxels become larger, cropping around the root, several passes, from balls to points, the calcium's outline.",
        "",
    ]
    return "\n".join(lines)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")
