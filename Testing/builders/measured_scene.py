"""Measurements and shapes for `builders.scene_case`, as a measurement would have left them beside the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from builders.ct_images import FloatArray
from builders.scene_case import POSITIONS_LPS_MM
from fedkd.geometry import Plane, annulus_plane, hinge_circle_diameter_mm
from fedkd.measurement.angles import cusp_overlap_view, three_cusp_view
from fedkd.measurement.catalog import CUSP_OVERLAP, SPECIFICATIONS, THREE_CUSP
from fedkd.measurement.document import (
    LandmarkRecord,
    MeasurementsDocument,
    ShapesDocument,
    finding_record,
    quantity_records,
)
from fedkd.measurement.findings import Finding
from fedkd.measurement.heights import height_line
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.result import Measurements
from fedkd.measurement.septum import septum_line
from fedkd.measurement.shapes import CenterlinePoint, Contour, Line, Shapes

HINGES = tuple(POSITIONS_LPS_MM[name] for name in ("RCC", "LCC", "NCC"))
PLANE = annulus_plane(*HINGES)
DIAMETER_MM = hinge_circle_diameter_mm(*HINGES)
WARNING = Finding("area", "warning", "The annulus area is 800 mm².", 800.0, "mm2", 255.0, 732.0, "Sheba Medical Center")
NOTE = Finding("slices", "note", "The slices are thick.")
REASON = "The plane leaves the image."
LONG_MM, SHORT_MM = 13.0, 10.5


def ellipse_lps_mm(height_mm: float, count: int = 220) -> FloatArray:
    """Return the contour at that height above the annulus, with a dent that only many points can follow."""
    right = (HINGES[0] - PLANE.center_lps_mm) / np.linalg.norm(HINGES[0] - PLANE.center_lps_mm)
    up = np.cross(PLANE.normal_lps, right)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    wave = 1 + 0.03 * np.cos(3 * turn)
    flat = wave * (LONG_MM * np.cos(turn) * right + SHORT_MM * np.sin(turn) * up)
    return PLANE.center_lps_mm + height_mm * PLANE.normal_lps + flat


def shapes() -> Shapes:
    """Return shapes with everything that can be drawn."""
    heights_mm = {"LVOT": -4.0, "Annulus": 0.0, "Sinotubular junction": 20.0}
    ring = ellipse_lps_mm(0.0)
    return Shapes(
        annulus_plane=PLANE,
        hinge_circle_diameter_mm=DIAMETER_MM,
        contours=tuple(
            Contour(name, Plane(PLANE.center_lps_mm + at * PLANE.normal_lps, PLANE.normal_lps), ellipse_lps_mm(at))
            for name, at in heights_mm.items()
        ),
        lines=(
            height_line("Left coronary height", PLANE, POSITIONS_LPS_MM["LCO"]),
            septum_line(POSITIONS_LPS_MM["MS1"], POSITIONS_LPS_MM["MS2"]),
            Line("Annulus maximum diameter", ring[0], ring[110]),
        ),
        centerline=tuple(
            CenterlinePoint(at, PLANE.center_lps_mm + at * PLANE.normal_lps, None) for at in np.arange(-4.0, 41.0)
        ),
        named_views={THREE_CUSP: three_cusp_view(*HINGES), CUSP_OVERLAP: cusp_overlap_view(*HINGES[:2])},
    )


def document(**changes: object) -> MeasurementsDocument:
    """Return measurements.json's content: an implausible area, no sinotubular junction, 12.3 for all else."""
    values = {one.key: Quantity(one.key, 12.3) for one in SPECIFICATIONS}
    values |= {key: Quantity(key, None, REASON) for key in values if key.startswith("stj")}
    values["annulus_area_mm2"] = Quantity("annulus_area_mm2", 800.4)
    values["septum_risk_band"] = Quantity("septum_risk_band", "long (> 6 mm)")
    landmarks = {
        name: LandmarkRecord(position_lps_mm=tuple(at.tolist()), confidence=0.9, confidence_level="fair")
        for name, at in POSITIONS_LPS_MM.items()
    }
    content = {
        "case": "phantom-7",
        "landmark_source": "model student-1",
        "model_id": "student-1",
        "calcium_threshold": "850",
        "landmarks": landmarks,
        "findings": (finding_record(NOTE), finding_record(WARNING)),
        **quantity_records(Measurements(values, (), Shapes())),
    }
    return MeasurementsDocument.model_validate(content | changes)


def write_measured(folder: Path) -> None:
    """Add measurements.json and shapes.json to a case folder."""
    (folder / "measurements.json").write_text(document().model_dump_json(), encoding="utf-8")
    (folder / "shapes.json").write_text(ShapesDocument.of(shapes()).model_dump_json(), encoding="utf-8")
