"""Model packages: a folder with a description and safetensors weights."""

from fedkd.models.card import ModelCard, Normalization, StageSpec
from fedkd.models.package import EMBEDDED_MODEL_FOLDER, LoadedModel, load_model, save_model

__all__ = [
    "EMBEDDED_MODEL_FOLDER",
    "LoadedModel",
    "ModelCard",
    "Normalization",
    "StageSpec",
    "load_model",
    "save_model",
]
