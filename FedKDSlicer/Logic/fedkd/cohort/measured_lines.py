"""What is told of the measurements in a case folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from fedkd.case.layout import MEASUREMENTS_FILE
from fedkd.cohort.messages import FindingLine, MeasurementLine
from fedkd.measurement.catalog import KEYS
from fedkd.measurement.document import MeasurementsDocument


@dataclass(frozen=True)
class MeasuredLines:
    """Measurements in the catalog's order, and findings; nothing where the folder has none that can be read."""

    measurements: tuple[MeasurementLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()


def read_measured_lines(folder: Path) -> MeasuredLines:
    """Read measurements.json of a case folder."""
    path = folder / MEASUREMENTS_FILE
    if not path.is_file():  # a pipe would keep us waiting
        return MeasuredLines()
    try:
        document = MeasurementsDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return MeasuredLines()
    records = document.quantities
    return MeasuredLines(
        tuple(
            MeasurementLine(key=key, value=records[key].value, unit=records[key].unit, reason=records[key].reason)
            for key in KEYS
            if key in records
        ),
        tuple(FindingLine(code=one.code, severity=one.severity, text=one.text) for one in document.findings),
    )
