"""Models: packages (a description and safetensors weights) and checkpoints of the study's code."""

from fedkd.models.card import ModelCard, Normalization, StageSpec
from fedkd.models.load import load_model
from fedkd.models.loaded import LoadedModel
from fedkd.models.user_models import EMBEDDED_MODEL_FOLDER, add_model, find_model, known_models, user_models_folder

__all__ = [
    "EMBEDDED_MODEL_FOLDER",
    "LoadedModel",
    "ModelCard",
    "Normalization",
    "StageSpec",
    "add_model",
    "find_model",
    "known_models",
    "load_model",
    "user_models_folder",
]
