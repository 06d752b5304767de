"""Makes a phantom: from a seed to a CT with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fedkd.geometry import Grid
from fedkd.phantom import acquisition, contrast
from fedkd.phantom.acquisition import Acquisition, acquire, draw_acquisition
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.fields import Field, draw_grid
from fedkd.phantom.patient import Patient, draw_patient, paint_patient, stream


@dataclass(frozen=True)
class Phantom:
    """A synthetic CT and its truth. Arrays are zyx on ``grid``.

    Args:
        ct: HU, int16.
        points: the landmarks in view, LPS mm, exact: all seven, or none when the field leaves out the heart.
        calcification: 1 where valve calcium covers more than half a voxel, uint8.
        heart: classes as in ``anatomy.HEART_CHANNELS``, uint8.
        coronaries: 1 where a coronary artery's lumen fills more than half a voxel, plaques included, uint8.
        description: what was drawn, as plain JSON values.
    """

    ct: npt.NDArray[np.int16]
    grid: Grid
    points: dict[str, tuple[float, float, float]]
    calcification: npt.NDArray[np.uint8]
    heart: npt.NDArray[np.uint8]
    coronaries: npt.NDArray[np.uint8]
    description: dict[str, Any]


def make_phantom(seed: int, field: Field) -> Phantom:
    """Return the phantom of a seed. The same seed is the same patient in every field."""
    patient = draw_patient(seed)
    return scan(patient, grid_for(patient, seed, field), seed, field)


def grid_for(patient: Patient, seed: int, field: Field) -> Grid:
    """Return the grid on which a patient is scanned."""
    middle = patient.root.to_phantom([0.0, 0.0, 8.0])
    return draw_grid(stream(seed, f"grid {field.value}"), field, patient.body, middle)


def scan(patient: Patient, grid: Grid, seed: int, field: Field, settings: Acquisition | None = None) -> Phantom:
    """Return a patient scanned on a grid; ``settings``: of the scanner, drawn when there are none."""
    canvas = Canvas(grid, patient.body)
    calcification = paint_patient(canvas, patient)
    settings = settings or draw_acquisition(stream(seed, f"acquisition {field.value}"))
    ct = acquire(canvas.hu, grid, settings, stream(seed, f"noise {field.value}"))
    points = patient.landmarks_lps_mm()
    inside = {name: point for name, point in points.items() if grid.contains(point)}
    description = {
        "id": case_id(seed, field),
        "family": "phantom",
        "field": field.value,
        "seed": seed,
        "parameters": {
            "annulus_diameter_mm": round(patient.root.parameters.annulus_diameter_mm, 2),
            "valve_open": patient.leaflets.is_open,
            "calcium_target_mm3": round(patient.calcium.target_mm3, 1),
            "calcium_mm3": round(float(calcification.sum()) * float(np.prod(grid.spacing_mm)), 1),
            "contrast": contrast.as_numbers(patient.contrast),
            "acquisition": acquisition.as_numbers(settings),
        },
    }
    return Phantom(ct, grid, inside, calcification, canvas.heart, canvas.coronaries, description)


def case_id(seed: int, field: Field) -> str:
    """Return the id of a phantom."""
    return f"phantom-{field.value}-{seed:06d}"
