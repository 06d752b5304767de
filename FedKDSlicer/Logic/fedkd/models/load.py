"""From whatever a model is stored as to a model in memory."""

from __future__ import annotations

from pathlib import Path

from fedkd.models.loaded import LoadedModel
from fedkd.models.package_files import CARD_NAME, is_one_file_package
from fedkd.models.user_models import EMBEDDED_MODEL_FOLDER


def load_model(path: Path | None = None) -> LoadedModel:
    """Load a package (its folder or its one file), a checkpoint of the study's code, or the embedded package.

    ``model.network(x)`` takes ``(batch, channels, z, y, x)`` and returns for each head its logits in that order.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID when the description, a hash or the weights are wrong.
    """
    path = EMBEDDED_MODEL_FOLDER if path is None else path
    if path.is_file() and path.name != CARD_NAME and not is_one_file_package(path):
        from fedkd.models.reference import load_reference

        return load_reference(path)
    from fedkd.models.package import load_package  # like the other one, it builds networks: seconds to import

    return load_package(path)
