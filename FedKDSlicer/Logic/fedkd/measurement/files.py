"""Write what was measured: measurements.json, measurements.csv, shapes.json. `fedkd.measurement.document` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd.atomic import write_text_atomically
from fedkd.case.layout import MEASUREMENTS_FILE, MEASUREMENTS_TABLE_FILE, SHAPES_FILE
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.document import (
    LandmarkRecord,
    MeasurementsDocument,
    ShapesDocument,
    finding_record,
    quantity_records,
)
from fedkd.measurement.result import Measurements
from fedkd.plain_text import spreadsheet_text
from fedkd.pointsets import PointList
from fedkd.pointsets.delimited import rows_to_text

TABLE_COLUMNS = ("key", "name", "value", "unit", "reason")


@dataclass(frozen=True)
class MeasuredFrom:
    """What the measurements rest on.

    Args:
        case: name of the case.
        points: the landmarks as they were when it was measured.
        landmark_source: who placed them.
        model_id: the model that predicted landmarks or calcification; None: none.
        calcium_threshold: as chosen.
    """

    case: str
    points: PointList
    landmark_source: str
    model_id: str | None
    calcium_threshold: CalciumThreshold


def measurements_document(measurements: Measurements, origin: MeasuredFrom) -> MeasurementsDocument:
    """Return the content of measurements.json."""
    landmarks = {
        point.label: LandmarkRecord(
            position_lps_mm=point.position_lps_mm,
            confidence=point.confidence,
            confidence_level=point.confidence_level,
            spread_mm=point.spread_mm,
        )
        for point in origin.points
    }
    head = {
        "case": origin.case,
        "landmark_source": origin.landmark_source,
        "model_id": origin.model_id,
        "calcium_threshold": origin.calcium_threshold.value,
        "landmarks": landmarks,
        "findings": tuple(finding_record(finding) for finding in measurements.findings),
    }
    return MeasurementsDocument.model_validate(head | quantity_records(measurements))


def write_measurements(folder: Path, measurements: Measurements, origin: MeasuredFrom) -> None:
    """Write the three files into a case folder, each in one step; older ones are replaced.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    document = measurements_document(measurements, origin)
    shapes = ShapesDocument.of(measurements.shapes)
    write_text_atomically(folder / SHAPES_FILE, shapes.model_dump_json(indent=1) + "\n")
    write_text_atomically(folder / MEASUREMENTS_TABLE_FILE, table_text(measurements))
    write_text_atomically(folder / MEASUREMENTS_FILE, document.model_dump_json(indent=2) + "\n")


def table_text(measurements: Measurements) -> str:
    """Return measurements.csv: a row for each measurement; numbers in full, with a point."""
    rows: list[tuple[str, ...]] = [TABLE_COLUMNS]
    for key, quantity in measurements.quantities.items():
        value = quantity.value
        shown = "" if value is None else spreadsheet_text(value) if isinstance(value, str) else repr(value)
        text = (spreadsheet_text(cell) for cell in (BY_KEY[key].unit, quantity.reason or ""))
        rows.append((key, BY_KEY[key].name, shown, *text))
    return rows_to_text(rows)
