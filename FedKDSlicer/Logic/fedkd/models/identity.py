"""The hash that results know a model by, without loading its weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fedkd.models.package_content import read_card
from fedkd.models.package_files import CARD_NAME, is_one_file_package, open_package
from fedkd.models.user_models import EMBEDDED_MODEL_FOLDER
from fedkd.volumes import sha256_of_files


def hash_of_model(path: Path | None = None) -> str:
    """Return ``load_model(path).sha256``, whose weights may still prove to be damaged.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID when a package's description is wrong.
    """
    path = EMBEDDED_MODEL_FOLDER if path is None else path
    if path.is_file() and path.name != CARD_NAME and not is_one_file_package(path):
        return sha256_of_files([path])
    _, raw = read_card(open_package(path))
    return hashlib.sha256(raw).hexdigest()
