"""The configuration by which MONAI's runner takes CTs to label maps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from fedkd.model_export.merged_network import definition_of
from fedkd.model_export.stages import NamedStage
from fedkd.volumes import AIR_HU

_OVERLAP = 0.25


@dataclass(frozen=True)
class Merging:
    """How overlapping patches become one map. ``weights``: MONAI's name of them. ``of``: what is averaged."""

    weights: Literal["gaussian", "constant"]
    of: Literal["probabilities", "logits"]


OURS = Merging("gaussian", "probabilities")
THE_STUDYS = Merging("constant", "logits")


def inference_config(stage: NamedStage, weights_name: str, merging: Merging) -> dict[str, Any]:
    """Return the configuration for one stage. To MONAI ``@`` means another entry, and ``$`` Python code."""
    return {
        "imports": ["$import glob", "$import torch"],
        "bundle_root": ".",
        "dataset_dir": "$@bundle_root + '/data'",
        "output_dir": "$@bundle_root + '/eval'",
        "datalist": "$[{'image': path} for path in sorted(glob.glob(@dataset_dir + '/*.nii.gz'))]",
        "device": "$torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "network_def": definition_of(stage),
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": _preprocessing(stage)},
        "dataset": {"_target_": "Dataset", "data": "@datalist", "transform": "@preprocessing"},
        "dataloader": {"_target_": "DataLoader", "dataset": "@dataset", "batch_size": 1, "num_workers": 0},
        "inferer": _inferer(stage, merging),
        "postprocessing": {"_target_": "Compose", "transforms": _postprocessing(stage)},
        "handlers": [
            {
                "_target_": "CheckpointLoader",
                "load_path": f"$@bundle_root + '/models/{weights_name}'",
                "load_dict": {"model": "@network"},
                "map_location": "@device",
            }
        ],
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@dataloader",
            "network": "@network",
            "inferer": "@inferer",
            "postprocessing": "@postprocessing",
            "val_handlers": "@handlers",
        },
        "initialize": _before_running(stage, merging),
        "run": ["$@evaluator.run()"],
    }


def _preprocessing(stage: NamedStage) -> list[dict[str, Any]]:
    normalization = stage.spec.normalization
    low, high = _normalized(stage, normalization.clip_low_hu), _normalized(stage, normalization.clip_high_hu)
    return [
        {"_target_": "LoadImaged", "keys": "image", "ensure_channel_first": True},
        # Axes z, y, x that grow to the head, the back and the left.
        {"_target_": "Orientationd", "keys": "image", "axcodes": "SPL"},
        {"_target_": "Spacingd", "keys": "image", "pixdim": [stage.spec.spacing_mm] * 3, "mode": "bilinear"},
        {
            "_target_": "ScaleIntensityRanged",
            "keys": "image",
            "a_min": normalization.clip_low_hu,
            "a_max": normalization.clip_high_hu,
            "b_min": low,
            "b_max": high,
            "clip": True,
        },
        {"_target_": "EnsureTyped", "keys": "image", "dtype": "$torch.float32"},
    ]


def _before_running(stage: NamedStage, merging: Merging) -> list[str]:
    """Return what is done once: the inferer averages what the network gives, so it is made to give probabilities."""
    if merging.of == "logits":
        return []
    sizes = list(stage.spec.network.heads.values())
    by_head = f"torch.cat([head.softmax(dim=1) for head in logits.split({sizes}, dim=1)], dim=1)"
    return [f"$@network.register_forward_hook(lambda network, inputs, logits: {by_head})"]


def _inferer(stage: NamedStage, merging: Merging) -> dict[str, Any]:
    return {
        "_target_": "SlidingWindowInferer",
        "roi_size": [stage.spec.patch_size] * 3,
        "sw_batch_size": 1,
        "overlap": _OVERLAP,
        "mode": merging.weights,
        "padding_mode": "constant",
        "cval": _normalized(stage, max(AIR_HU, stage.spec.normalization.clip_low_hu)),
    }


def _postprocessing(stage: NamedStage) -> list[dict[str, Any]]:
    heads = stage.spec.network.heads
    names = list(heads)
    ends = list(accumulate(heads.values()))
    class_maps = [
        {
            "_target_": "Lambdad",
            "keys": name,
            "func": f"$lambda x: x[{end - heads[name]}:{end}].argmax(dim=0, keepdim=True)",
        }
        for name, end in zip(names, ends, strict=True)
    ]
    back_to_ct = {
        "_target_": "Invertd",
        "keys": names,
        "transform": "@preprocessing",
        "orig_keys": "image",
        "nearest_interp": True,
        "to_tensor": True,
    }
    save = [
        {
            "_target_": "SaveImaged",
            "keys": name,
            "output_dir": "@output_dir",
            "output_postfix": name,
            "output_dtype": "$torch.uint8",
            "separate_folder": False,
            "resample": False,
        }
        for name in names
    ]
    copies = {"_target_": "CopyItemsd", "keys": "pred", "times": len(names), "names": names}
    return [copies, *class_maps, back_to_ct, *save]


def _normalized(stage: NamedStage, hu: float) -> float:
    return (hu - stage.spec.normalization.mean_hu) / stage.spec.normalization.sd_hu
