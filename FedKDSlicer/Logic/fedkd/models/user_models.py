"""The models that a user has: the embedded one, and those in a folder of the user's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from fedkd.atomic import new_folder
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import ModelCard
from fedkd.models.package_content import copy_package, read_card
from fedkd.models.package_files import CARD_NAME, open_package
from fedkd.models.refusal import model_not_found

EMBEDDED_MODEL_FOLDER = Path(__file__).resolve().parents[3] / "Resources" / "Models" / "embedded"
FOLDER_VARIABLE = "FEDKD_MODELS"


@dataclass(frozen=True)
class KnownModel:
    """A package at hand: ``card`` is None when it is damaged, and then ``problem`` says how."""

    name: str
    folder: Path
    is_default: bool
    card: ModelCard | None
    problem: str = ""


def user_models_folder() -> Path:
    """Return the folder of the user's models: ``FEDKD_MODELS``, or the system's place for a program's data."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("FedKDSlicer", appauthor=False) / "models"


def known_models() -> tuple[KnownModel, ...]:
    """Return the embedded model, which is the default, and the user's by name; a name is one line of text."""
    folder = user_models_folder()
    entries = folder.iterdir() if folder.is_dir() else ()
    folders = sorted(entry for entry in entries if entry.name.isprintable() and (entry / CARD_NAME).is_file())
    return (_known("embedded", EMBEDDED_MODEL_FOLDER, is_default=True), *(_known(each.name, each) for each in folders))


def find_model(name_or_path: Path) -> Path:
    """Return where a model is: a path that exists, or the name of one in the user's folder.

    Raises:
        FedkdError: MODEL_NOT_FOUND.
    """
    if name_or_path.exists():
        return name_or_path
    is_name = len(name_or_path.parts) == 1 and name_or_path.name not in ("", ".", "..")
    if is_name and (user_models_folder() / name_or_path / CARD_NAME).is_file():
        return user_models_folder() / name_or_path
    if name_or_path == Path("embedded"):
        return EMBEDDED_MODEL_FOLDER
    raise model_not_found(name_or_path)


def add_model(source: Path) -> KnownModel:
    """Copy a package (its folder or its one file) into the user's folder, under the name its description has.

    Only what the description names is copied, after its hashes and its weights were checked; the package is there
    whole or not at all.

    Raises:
        FedkdError: MODEL_NOT_FOUND; MODEL_INVALID; CASE_EXISTS when there is another model of that name;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    from fedkd.models.package import load_package  # builds networks: seconds to import

    loaded = load_package(source)
    card = loaded.card
    target = user_models_folder() / card.model_id
    if target.exists():
        raise FedkdError(
            ExitCode.CASE_EXISTS,
            f"There is a model named {card.model_id} already.",
            where=target,
            what_to_do="Remove that folder first, or use the model that is there.",
        )
    with new_folder(target) as partial:
        copy_package(open_package(source), partial)
    return KnownModel(target.name, target, is_default=False, card=loaded.card)


def _known(name: str, folder: Path, *, is_default: bool = False) -> KnownModel:
    try:
        card, _ = read_card(open_package(folder))
    except FedkdError as error:
        return KnownModel(name, folder, is_default, None, error.what)
    return KnownModel(name, folder, is_default, card)
