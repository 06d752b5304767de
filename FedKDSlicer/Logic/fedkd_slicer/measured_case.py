"""What a case folder says about measurements, where it holds any: numbers, findings and shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from fedkd.case.layout import MEASUREMENTS_FILE, SHAPES_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.catalog import BY_KEY, SPECIFICATIONS
from fedkd.measurement.document import FindingRecord, MeasurementsDocument, ShapesDocument
from fedkd.measurement.wording import is_outside, shown_unit, shown_value
from fedkd.plain_text import printable
from fedkd_slicer.measured_shapes import MeasuredShapes, in_ras
from fedkd_slicer.table_rows import TableRow

_Document = TypeVar("_Document", bound=BaseModel)


@dataclass(frozen=True)
class MeasuredCase:
    """``document`` is measurements.json, None where the case was not measured; ``shapes`` may be empty."""

    document: MeasurementsDocument | None = None
    shapes: MeasuredShapes = field(default_factory=MeasuredShapes)

    @property
    def findings(self) -> tuple[FindingRecord, ...]:
        """What to look at twice, warnings first."""
        findings = () if self.document is None else self.document.findings
        return tuple(sorted(findings, key=lambda finding: finding.severity != "warning"))

    def reason(self, key: str) -> str | None:
        """Return why there is no value, or None where there is one or nothing was measured."""
        record = None if self.document is None else self.document.quantities.get(key)
        return None if record is None or record.reason is None else printable(record.reason)

    def shown(self, key: str) -> str | None:
        """Return a measurement with its unit as people read it, or None where there is no value."""
        record = None if self.document is None else self.document.quantities.get(key)
        if record is None or record.value is None:
            return None
        return f"{shown_value(BY_KEY[key], record.value)} {shown_unit(record.unit)}".strip()

    @property
    def table_rows(self) -> tuple[TableRow, ...]:
        """The measurements as rows of a table."""
        records = {} if self.document is None else self.document.quantities
        return tuple(
            TableRow(
                key=key,
                value="" if record.value is None else shown_value(BY_KEY[key], record.value),
                reason=record.reason or "",
                is_outside=is_outside(BY_KEY[key].published, record.value),
            )
            for key, record in records.items()
            if key in BY_KEY
        )


def read_measured_case(case_folder: Path) -> MeasuredCase:
    """Read measurements.json and shapes.json; either may be absent.

    Raises:
        FedkdError: INPUT_UNREADABLE when one of them is damaged.
    """
    numbers = MeasuredCase(_read(case_folder / MEASUREMENTS_FILE, MeasurementsDocument))
    shapes = _read(case_folder / SHAPES_FILE, ShapesDocument)
    if shapes is None:
        return numbers
    shown = {specification.name: numbers.shown(specification.key) for specification in SPECIFICATIONS}
    return replace(numbers, shapes=in_ras(shapes.shapes(), {name: text for name, text in shown.items() if text}))


def _read(path: Path, document: type[_Document]) -> _Document | None:
    if not path.is_file():
        return None
    try:
        return document.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "The measurements of the case are damaged.",
            where=path,
            what_to_do="Measure the case again, or delete the file.",
        ) from error
