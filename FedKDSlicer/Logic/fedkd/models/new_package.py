"""A package that appears whole, at a place where there was nothing: a folder or one file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fedkd.atomic import new_folder, require_new, write_atomically, writing_error
from fedkd.models.card import ModelCard
from fedkd.models.package import Stage, write_package
from fedkd.models.package_files import CARD_NAME

ONE_FILE_SUFFIX = ".zip"


def write_new_package(output: Path, card_fields: Mapping[str, Any], stages: Mapping[str, Stage]) -> ModelCard:
    """Write a package of ``stages``, their weights in the type they have.

    Args:
        output: a folder, or a file that ends in ``.zip``; must not exist.
        card_fields: what the description says besides the stages.
        stages: ``student``, and maybe ``localizer``.

    Raises:
        FedkdError: CASE_EXISTS; OUTPUT_NOT_WRITABLE or DISK_FULL.
        ValidationError: the fields are no description.
    """
    if output.suffix.lower() != ONE_FILE_SUFFIX:
        with new_folder(output) as folder:
            return write_package(folder, card_fields, stages)
    require_new(output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fedkd-model-", dir=output.parent) as temporary:
            card = write_package(Path(temporary), card_fields, stages)
            write_one_file(Path(temporary), card, output)
    except OSError as error:
        raise writing_error(output, error) from error
    return card


def write_one_file(folder: Path, card: ModelCard, output: Path) -> None:
    """Write the package in ``folder`` as one file: a zip without compression, as weights do not compress."""
    names = [CARD_NAME, *(stage.weights for stage in (card.localizer, card.student) if stage is not None)]

    def save(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as archive:
            for name in names:
                with (folder / name).open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)

    write_atomically(output, save)
