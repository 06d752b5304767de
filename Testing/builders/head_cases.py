"""A small package and small labeled cases, for heads that one trains oneself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from builders.tiny_models import LOCALIZER, STUDENT, tiny_model
from fedkd.models.package import weights_of, write_package

SIDE = 40
BRIGHT_HU, DARK_HU = 900, 40


def tiny_package(folder: Path) -> Path:
    """Write the tiny model as a package in half precision, as packages of training runs are."""
    model = tiny_model()
    assert model.localizer is not None
    networks = {"localizer": (LOCALIZER, model.localizer), "student": (STUDENT, model.network)}
    stages = {
        name: (spec, {key: value.half() for key, value in weights_of(network).items()})
        for name, (spec, network) in networks.items()
    }
    fields = {"model_id": "tiny", "license": "Apache-2.0", "intended_use": "Tests."}
    write_package(folder, {**fields, "training": {"by": "nobody"}, "metrics": {"dice": 0.5}}, stages)
    return folder


def bright_ball(center: tuple[int, int, int] = (24, 18, 20), radius: float = 7.0) -> np.ndarray:
    """Return a uint8 label map (z, y, x) with a ball."""
    z, y, x = np.mgrid[:SIDE, :SIDE, :SIDE]
    inside = (z - center[0]) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2 < radius**2
    return inside.astype(np.uint8)


def write_ct(folder: Path, labels: np.ndarray) -> None:
    """Write a CT of 60 mm, with air around, that is bright where ``labels`` are not 0; no landmark is known."""
    folder.mkdir(parents=True)
    hu = np.full(labels.shape, DARK_HU, np.int16)
    hu[labels > 0] = BRIGHT_HU
    hu[:2] = -1000
    sitk.WriteImage(on_grid(hu), str(folder / "ct.nii.gz"))


def on_grid(array: np.ndarray) -> sitk.Image:
    """Return an array (z, y, x) on the grid of the CTs."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((1.5, 1.5, 1.5))
    return image


def write_cases(folder: Path, count: int = 5) -> Path:
    """Write cases whose balls are labeled as ``balls.nii.gz``."""
    for number in range(count):
        labels = bright_ball((20 + number, 18, 20 - number))
        write_ct(folder / f"case-{number}", labels)
        sitk.WriteImage(on_grid(labels), str(folder / f"case-{number}" / "balls.nii.gz"))
    return folder
