"""From a finished study to a model package: what `fedkd predict` needs, and where every tensor of it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors.torch import load as parse_safetensors

from fedkd import __version__
from fedkd.errors import FedkdError
from fedkd.federation.evaluating import EVALUATIONS_FILE
from fedkd.federation.evaluation_table import Evaluations, result_table
from fedkd.federation.label_work import hash_of_weights
from fedkd.federation.lineage import lineage_of
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import Package, StudyFile, study_invalid
from fedkd.federation.study_stages import EvaluateStage
from fedkd.federation.tasks_of_study import network_of
from fedkd.models import ModelCard
from fedkd.models.card import first_problem
from fedkd.models.new_package import write_new_package
from fedkd.models.package import Stage
from fedkd.models.package_content import read_card, read_weights
from fedkd.models.package_files import open_package
from fedkd.models.user_models import EMBEDDED_MODEL_FOLDER


def write_study_package(study: StudyFile, folder: Path, output: Path) -> ModelCard:
    """Write the model that a study ends with: its student, and a localizer that finds the root for it.

    Args:
        study: says which stages' networks these are.
        folder: of the study, with these stages finished.
        output: a folder, or a file that ends in ``.zip``; must not exist.

    Raises:
        FedkdError: STUDY_INVALID when the study makes no package, or its stages are not finished; CASE_EXISTS;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    package = study.package
    if package is None:
        raise study_invalid("The study file says nothing of a model package.", "package")
    student = _trained(study, folder, package.student)
    localizer, about_localizer = _localizer(study, folder, package)
    fields: dict[str, Any] = {
        "model_id": package.model_id,
        "license": package.license,
        "intended_use": package.intended_use,
        "training": {
            "what": "federated study",
            "fedkd": __version__,
            "command": "fedkd federation run STUDY.yaml",
            "study": study.model_dump(mode="json"),
            "study_sha256": study.sha256,
            "student": {"stage": package.student, "tensors_sha256": hash_of_weights(student[1])},
            "localizer": about_localizer,
            "stages": lineage_of(study, folder),
        },
        "metrics": _metrics(study, folder, package),
    }
    try:
        return write_new_package(output, fields, {"student": student, "localizer": localizer})
    except ValidationError as error:
        raise study_invalid(f"The package cannot be described: {first_problem(error)}.", "package") from error


def _trained(study: StudyFile, folder: Path, name: str) -> Stage:
    store = StageStore(folder / "stages" / name, study.sha256)
    kept = store.read()
    if kept is None or not store.is_done():
        raise study_invalid(f"Stage {name}, whose network the package needs, is not finished.", name)
    return network_of(study, name), halved(kept.weights)


def halved(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return tensors in half precision, as all packages have them; those that would not fit stay as they are."""
    small = {name: value.to(torch.float16) for name, value in weights.items()}
    return {name: value if bool(torch.isfinite(value).all()) else weights[name] for name, value in small.items()}


def _localizer(study: StudyFile, folder: Path, package: Package) -> tuple[Stage, dict[str, Any]]:
    if package.localizer != "embedded":
        stage = _trained(study, folder, package.localizer)
        return stage, {"stage": package.localizer, "tensors_sha256": hash_of_weights(stage[1])}
    files = open_package(EMBEDDED_MODEL_FOLDER)
    card, _ = read_card(files)
    assert card.localizer is not None
    tensors: dict[str, torch.Tensor] = parse_safetensors(read_weights(files, card.localizer))
    return (card.localizer.bare(), tensors), {"from_package": card.model_id, "sha256": card.localizer.sha256}


def _metrics(study: StudyFile, folder: Path, package: Package) -> dict[str, Any]:
    """Return the table's row of the student, where the study has evaluated it."""
    for stage in study.stages:
        if isinstance(stage, EvaluateStage) and any(row.stage == package.student for row in stage.rows):
            try:
                found = Evaluations.read(folder / "stages" / stage.name / EVALUATIONS_FILE, study.sha256)
            except FedkdError:
                return {}
            rows = [row for row in result_table(study, stage, found).rows if row.stage == package.student]
            return {"evaluated_by": stage.name, **rows[0].model_dump(mode="json")} if rows[0].scopes else {}
    return {}
