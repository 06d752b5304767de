"""The CTs that are measured: one patient, scanned on grids of several sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fedkd.case.labeled_files import CT_FILE
from fedkd.geometry import Grid
from fedkd.phantom.fields import Field
from fedkd.phantom.files import is_finished, write_case
from fedkd.phantom.make import scan
from fedkd.phantom.patient import draw_patient
from speed.plan import Size

_SEED = 77700003


def ct_of(size: Size, folder: Path) -> Path:
    """Return the CT of this size in ``folder``; it is made when it is not there yet."""
    case = folder / size.name
    if not is_finished(case):
        _make(size, case)
    return case / CT_FILE


def _make(size: Size, case: Path) -> None:
    patient = draw_patient(_SEED)
    middle = patient.body.annulus_lps_mm + np.array(size.center_mm) @ patient.body.turn
    origin = middle - (np.array(size.size_xyz) - 1) * np.array(size.spacing_mm) / 2
    x, y, z = (float(value) for value in origin)
    straight = tuple(float(value) for value in np.eye(3).ravel())
    grid = Grid(size.size_xyz, size.spacing_mm, (x, y, z), straight)
    write_case(case, scan(patient, grid, _SEED, Field.CLINICAL))
