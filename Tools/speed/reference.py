"""The reference procedure with the embedded student: the same weights, looking at 192^3 in patches of 96^3.

It is the code that the study's own models run through (`fedkd.prediction.reference_procedure`), in PyTorch as it comes,
with float32: nothing in it is slower than it is for those.
"""

from __future__ import annotations

from pathlib import Path

import torch

from fedkd.backends import ReadyModel
from fedkd.backends.torch_backend import TorchBackend
from fedkd.models import load_model
from fedkd.models.card import StageSpec
from fedkd.models.package import weights_of, write_package
from speed.plan import PATCH_VOXELS

_PACKED_ONLY = {"weights", "sha256", "patch_size"}


def reference_ready(device: torch.device) -> ReadyModel:
    """Return the embedded student, ready for the reference procedure."""
    model = load_model()
    backend = TorchBackend(device, torch.float32)
    return ReadyModel(model.card, backend.prepare(model.network, _stage()), None, backend.description)


def write_reference_package(folder: Path) -> Path:
    """Write a package that ``fedkd predict`` uses by the reference procedure; return its folder."""
    model = load_model()
    fields = {
        "model_id": f"{model.model_id}-as-reference",
        "license": model.card.license,
        "intended_use": model.card.intended_use,
        "training": {},
        "metrics": {},
    }
    write_package(folder, fields, {"student": (_stage(), weights_of(model.network))})
    return folder


def _stage() -> StageSpec:
    packed = load_model().card.student.model_dump(exclude=_PACKED_ONLY)
    return StageSpec.model_validate(packed | {"patch_size": PATCH_VOXELS})
