"""Makes phantoms: from a seed to a CT with its truth, and from a run to a folder of cases."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fedkd.geometry import Grid
from fedkd.phantom import acquisition, contrast
from fedkd.phantom.acquisition import acquire, draw_acquisition
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.fields import Field, draw_grid
from fedkd.phantom.patient import Patient, draw_patient, paint_patient, stream
from fedkd.progress import ProgressEvent, Report, silent

# Runs with different seeds never share a case.
MOST_CASES = 100_000


@dataclass(frozen=True)
class Phantom:
    """A synthetic CT and its truth. Arrays are zyx on ``grid``.

    Args:
        ct: HU, int16.
        points: all seven landmarks, LPS mm, exact; empty when the field of view leaves out the heart.
        calcification: 1 where valve calcium covers more than half a voxel, uint8.
        heart: classes as in ``anatomy.HEART_CHANNELS``, uint8.
        description: what was drawn, as plain JSON values.
    """

    ct: npt.NDArray[np.int16]
    grid: Grid
    points: dict[str, tuple[float, float, float]]
    calcification: npt.NDArray[np.uint8]
    heart: npt.NDArray[np.uint8]
    description: dict[str, Any]


def make_phantom(seed: int, field: Field) -> Phantom:
    """Return the phantom of a seed. The same seed is the same patient in every field."""
    patient = draw_patient(seed)
    middle = patient.root.to_phantom([0.0, 0.0, 8.0])
    grid = draw_grid(stream(seed, f"grid {field.value}"), field, patient.body, middle)
    return scan(patient, grid, seed, field)


def scan(patient: Patient, grid: Grid, seed: int, field: Field) -> Phantom:
    """Return a patient scanned on a grid."""
    canvas = Canvas(grid, patient.body)
    calcification = paint_patient(canvas, patient)
    settings = draw_acquisition(stream(seed, f"acquisition {field.value}"))
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
    return Phantom(ct, grid, inside, calcification, canvas.heart, description)


def case_id(seed: int, field: Field) -> str:
    """Return the id of a phantom."""
    return f"phantom-{field.value}-{seed:06d}"


def case_seeds(seed: int, cases: int) -> range:
    """Return the seeds of a run's cases."""
    if not 0 <= cases <= MOST_CASES or seed < 0:
        raise ValueError(f"seed must not be negative, cases at most {MOST_CASES}")
    return range(seed * MOST_CASES, seed * MOST_CASES + cases)


def make_cases(out: Path, cases: int, seed: int, field: Field, jobs: int = 1, report: Report = silent) -> list[Path]:
    """Write a run's case folders below ``out`` and return them; finished ones are kept as they are.

    Raises:
        FedkdError: the folder cannot be written.
        ValueError: seed or number of cases out of range.
    """
    from fedkd.phantom.files import is_finished

    seeds = case_seeds(seed, cases)
    folders = [out / case_id(s, field) for s in seeds]
    missing = [s for s, folder in zip(seeds, folders, strict=True) if not is_finished(folder)]
    for done, folder in enumerate(_written(out, missing, field, jobs), start=1):
        report(ProgressEvent("phantom", done / len(missing), folder.name))
    return folders


def _written(out: Path, seeds: list[int], field: Field, jobs: int) -> Iterator[Path]:
    make_one = partial(_make_case, out, field)
    if jobs <= 1 or len(seeds) <= 1:
        yield from map(make_one, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(seeds))) as pool:
        yield from pool.imap_unordered(make_one, seeds)


def _make_case(out: Path, field: Field, seed: int) -> Path:
    from fedkd.phantom.files import write_case

    folder = out / case_id(seed, field)
    write_case(folder, make_phantom(seed, field))
    return folder
