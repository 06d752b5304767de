"""Small sites of phantoms with labels of some kinds each, and small studies over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fedkd.anatomy import HEADS, LANDMARK_NAMES, POINT_HEADS
from fedkd.case.labeled_files import CALCIFICATION_LABEL_FILE, CORONARIES_LABEL_FILE, HEART_LABEL_FILE
from fedkd.case.layout import LANDMARKS_FILE
from fedkd.federation.place import SitePlace
from fedkd.federation.study_file import StudyFile
from fedkd.geometry import Grid
from fedkd.phantom.fields import Field
from fedkd.phantom.files import write_case
from fedkd.phantom.make import scan
from fedkd.phantom.patient import draw_patient
from fedkd.pointsets import PointList, write_points
from fedkd.training.cases import is_test_case

# As fine as the tiny networks look: a CT takes half a second.
SPACING_MM, SIDE = 2.0, 56

RECIPE: dict[str, Any] = {
    "stage": {
        "network": {
            "architecture": "residual_unet",
            "heads": {"hps": 6, "ms": 3, "calc": 2},
            "filters": [8, 16, 16],
            "deep_levels": 1,
        },
        "spacing_mm": 3.0,
        "patch_size": 32,
        "ball_radius_mm": 6.0,
        "normalization": {"clip_low_hu": -300, "clip_high_hu": 1200, "mean_hu": 250, "sd_hu": 300},
    },
    "sampling": {"jitter_sd_mm": 4, "rotation_sd_deg": 5, "context_dropout": 0},
    "optimization": {"steps": 1, "learning_rate": 0.01, "warmup_steps": 5, "precision": "float32"},
    "head_losses": {
        "hps": {"foreground_weight": 10, "where": 0.2},
        "ms": {"foreground_weight": 10, "where": 0.2},
        "calc": {"foreground_weight": 10},
    },
}


def training_names(count: int, prefix: str = "c") -> list[str]:
    """Return names of cases that no split keeps for testing."""
    return _names(count, prefix, wanted=False)


def kept_names(count: int, prefix: str = "c") -> list[str]:
    """Return names of cases that every split keeps for testing."""
    return _names(count, prefix, wanted=True)


def write_phantom(folder: Path, seed: int, heads: Sequence[str]) -> None:
    """Write a small phantom as a case that has only the labels of these heads."""
    patient = draw_patient(seed)
    middle = np.mean(list(patient.landmarks_lps_mm().values()), axis=0)
    phantom = scan(patient, Grid.centered(middle, (SIDE,) * 3, SPACING_MM), seed, Field.ROOT)
    write_case(folder, phantom)
    for head, name in (("calc", CALCIFICATION_LABEL_FILE), ("heart", HEART_LABEL_FILE), ("", CORONARIES_LABEL_FILE)):
        if head not in heads:
            (folder / name).unlink()
    (folder / LANDMARKS_FILE).unlink()
    wanted = [label for head in POINT_HEADS if head in heads for label in HEADS[head].channels[1:]]
    if wanted:
        points = {name: phantom.points[name] for name in LANDMARK_NAMES if name in wanted}
        write_points(folder / LANDMARKS_FILE, PointList.from_positions(points))


def write_site(folder: Path, seed: int, labels: Mapping[str, Sequence[str]]) -> Path:
    """Write a site's cases. ``labels``: of each case the heads that it has labels of."""
    for number, (name, heads) in enumerate(labels.items()):
        write_phantom(folder / name, seed + number, heads)
    return folder


def place(site: str, folder: Path) -> SitePlace:
    """Return a site whose cases are in ``folder/cases/<site>``."""
    return SitePlace(site, folder / "cases" / site, folder / "work" / site)


def study(stages: Sequence[Mapping[str, Any]], sites: Sequence[str] = ("a", "b", "h"), **others: Any) -> StudyFile:
    """Return a study of tiny networks; a site named ``h`` is held out."""
    listed = [{"id": site, "held_out": site == "h"} for site in sites]
    fields = {"study_id": "tiny", "sites": listed, "recipes": {"unet": RECIPE}, "stages": list(stages)}
    return StudyFile.model_validate({**fields, **others})


def train_stage(name: str = "fed", **others: Any) -> dict[str, Any]:
    """Return a training stage of two short rounds."""
    return {"kind": "train", "name": name, "recipe": "unet", "rounds": 2, "steps": 2, **others}


def _names(count: int, prefix: str, *, wanted: bool) -> list[str]:
    numbers = (f"{prefix}{number}" for number in range(10_000))
    found = (name for name in numbers if is_test_case(name) == wanted)
    return [name for name, _ in zip(found, range(count), strict=False)]
