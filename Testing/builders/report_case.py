"""Case folders for the report, as `fedkd predict` and `fedkd measure` leave them, written by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from builders.calibrations import calibration
from fedkd.anatomy import CALCIFIED_PARTS, LANDMARK_NAMES
from fedkd.case.layout import (
    CALCIFICATION_FILE,
    LANDMARKS_FILE,
    MEASUREMENTS_FILE,
    PROVENANCE_FILE,
    SHAPES_FILE,
    VIEWS_FOLDER,
)
from fedkd.case.placed_points import seven_landmarks
from fedkd.case.provenance import InputRecord, ModelRecord, ParametersRecord, Provenance, SceneRecord
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid, annulus_plane
from fedkd.measurement.angles import cusp_overlap_view, s_curve, three_cusp_view
from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.document import (
    FindingRecord,
    LandmarkRecord,
    MeasurementsDocument,
    QuantityRecord,
    ShapesDocument,
)
from fedkd.measurement.shapes import CenterlinePoint, Contour, Shapes
from fedkd.pointsets import LandmarkPoint, PointList, write_points

POSITIONS_LPS_MM = {
    "RCC": (-4.0, -11.0, 1.0),
    "LCC": (11.0, 3.0, 4.0),
    "NCC": (-7.0, 8.0, -5.0),
    "RCO": (-6.0, -13.0, 16.0),
    "LCO": (10.0, 4.0, 18.0),
    "MS1": (-10.0, -3.0, -3.0),
    "MS2": (-7.0, -5.0, -7.0),
}
VALUES: dict[str, float | str] = {
    "annulus_area_mm2": 473.2,
    "annulus_perimeter_mm": 78.4,
    "annulus_diameter_min_mm": 21.3,
    "annulus_diameter_max_mm": 27.9,
    "annulus_diameter_area_mm": 24.55,
    "annulus_diameter_perimeter_mm": 24.96,
    "annulus_eccentricity": 0.237,
    "stj_diameter_mm": 41.2,
    "stj_height_mm": 21.4,
    "sinus_mean_diameter_mm": 32.2,
    "lco_height_mm": 14.0,
    "rco_height_mm": 6.1,
    "septum_length_mm": 5.4,
    "septum_risk_band": "intermediate",
    "ms1_to_plane_mm": -1.2,
    "calcium_threshold_hu": 850.0,
    "lumen_mean_hu": 412.0,
}


@dataclass(frozen=True)
class ReportCase:
    """What a case folder is to say; a key whose value is None has the reason instead."""

    case_id: str = "case-7"
    model_id: str = "fedkd-student-1"
    values: Mapping[str, float | str | None] = field(default_factory=lambda: VALUES)
    reason: str = "The lumen is not closed there."
    missing: tuple[str, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    notes: tuple[str, ...] = ()
    is_calibrated: bool = True
    spread_mm: float | None = None

    def positions(self) -> dict[str, tuple[float, float, float]]:
        return {name: place for name, place in POSITIONS_LPS_MM.items() if name not in self.missing}


def write_prediction(folder: Path, case: ReportCase) -> None:
    """Write what `fedkd predict` leaves: landmarks, calcification, provenance."""
    folder.mkdir(parents=True, exist_ok=True)
    found = case.positions()
    points = (LandmarkPoint(name, found[name], 0.8, is_calibrated=case.is_calibrated) for name in found)
    write_points(folder / LANDMARKS_FILE, seven_landmarks(PointList(tuple(points))))
    _write_calcification(folder)
    now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    provenance = Provenance(
        case=case.case_id,
        input=InputRecord(
            name="ct.nii.gz", format="nifti", sha256="ab" * 32, size_xyz=(90, 80, 70), spacing_mm=(0.6, 0.6, 0.7)
        ),
        model=ModelRecord(id=case.model_id, sha256="cd" * 32),
        parameters=ParametersRecord(device="cpu"),
        heart_source="model",
        calibration=calibration() if case.is_calibrated else None,
        versions={"fedkd": "0.1.0"},
        landmarks=(),
        calcification_mm3=0,
        calcification_threshold_hu=None,
        notes=case.notes,
        scene=SceneRecord(status="made"),
        files=(),
        seconds_by_stage={},
        started_utc=now,
        finished_utc=now,
    )
    (folder / PROVENANCE_FILE).write_text(provenance.model_dump_json(), encoding="utf-8")


def write_measurements(folder: Path, case: ReportCase) -> None:
    """Write what `fedkd measure` adds: measurements and shapes."""
    found = case.positions()
    document = MeasurementsDocument(
        case=case.case_id,
        landmark_source=case.model_id,
        model_id=case.model_id,
        calcium_threshold="850",
        landmarks={name: _landmark_record(found.get(name), case) for name in LANDMARK_NAMES},
        findings=case.findings,
        **{key: _record(key, case) for key in KEYS},
    )
    (folder / MEASUREMENTS_FILE).write_text(document.model_dump_json(), encoding="utf-8")
    (folder / SHAPES_FILE).write_text(ShapesDocument.of(_shapes(found)).model_dump_json(), encoding="utf-8")


def write_views(folder: Path, *names: str, size: int = 200) -> None:
    """Write pictures of that width and height."""
    (folder / VIEWS_FOLDER).mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", (size, size), (40, 60, 80)).save(folder / VIEWS_FOLDER / name)


def _landmark_record(place: tuple[float, float, float] | None, case: ReportCase) -> LandmarkRecord:
    level = "fair" if case.is_calibrated else None
    return LandmarkRecord(position_lps_mm=place, confidence=0.8, confidence_level=level, spread_mm=case.spread_mm)


def _record(key: str, case: ReportCase) -> QuantityRecord:
    value = case.values.get(key)
    one = BY_KEY[key]
    reason = case.reason if value is None else None
    return QuantityRecord(value=value, unit=one.unit, reason=reason, method=one.method, inputs=one.inputs)


def _shapes(found: Mapping[str, tuple[float, float, float]]) -> Shapes:
    if not {"RCC", "LCC", "NCC"} <= found.keys():
        return Shapes()
    hinges = [found[name] for name in ("RCC", "LCC", "NCC")]
    plane = annulus_plane(*hinges)
    turn = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    across = np.cross(plane.normal_lps, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    along = np.cross(plane.normal_lps, across)
    outline = plane.center_lps_mm + 13 * np.cos(turn)[:, None] * across + 11 * np.sin(turn)[:, None] * along
    stations = tuple(
        CenterlinePoint(
            float(height),
            plane.center_lps_mm + height * plane.normal_lps,
            None if height == 30 else 470 + 320 * math.exp(-((height - 11) ** 2) / 50),
        )
        for height in range(-10, 50, 2)
    )
    return Shapes(
        annulus_plane=plane,
        contours=(Contour("Annulus", plane, outline),),
        centerline=stations,
        s_curve=s_curve(plane),
        named_views={"three-cusp": three_cusp_view(*hinges), "cusp overlap": cusp_overlap_view(*hinges[:2])},
    )


def _write_calcification(folder: Path) -> None:
    grid = Grid.centered((0.0, 0.0, 4.0), (60, 60, 40), 0.8)
    labels = np.zeros((40, 60, 60), np.uint8)
    labels[18:22, 20:23, 26:30] = 1
    labels[19:25, 34:38, 38:44] = 2
    write_segmentation(grid.to_image(labels), tuple(CALCIFIED_PARTS.values()), folder / CALCIFICATION_FILE)
