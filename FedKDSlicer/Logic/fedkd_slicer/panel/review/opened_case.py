"""What the engine says of a case it opened, as the panel uses it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedkd_slicer.panel.review.saved_form import SavedReview
from fedkd_slicer.panel.review.state import PointLps


@dataclass(frozen=True)
class MeasuredLine:
    """A measurement as it is read: ``text`` with its unit, or the ``reason`` why there is none.

    ``value``: not rounded, in the unit of the catalog.
    """

    key: str
    group: str
    name: str
    text: str
    reason: str
    published: str
    outside: bool
    value: float | str | None = None

    @classmethod
    def read(cls, line: dict[str, Any]) -> MeasuredLine:
        """Return the line of an answer."""
        return cls(**{name: line[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class FindingLine:
    """Something to look at twice; ``severity`` warning or note; ``code``: which, for programs."""

    severity: str
    text: str
    code: str = ""

    @classmethod
    def read(cls, line: dict[str, Any]) -> FindingLine:
        """Return the line of an answer."""
        return cls(line["severity"], line["text"], line["code"])


@dataclass(frozen=True)
class Measured:
    """Measurements in their order, findings, and shapes as shapes.json has them (LPS mm); None: there are none."""

    lines: tuple[MeasuredLine, ...]
    findings: tuple[FindingLine, ...]
    shapes: dict[str, Any] | None

    @classmethod
    def read(cls, answer: dict[str, Any]) -> Measured:
        """Return what an answer says."""
        return cls(
            tuple(MeasuredLine.read(line) for line in answer["quantities"]),
            tuple(FindingLine.read(line) for line in answer["findings"]),
            answer["shapes"],
        )

    @property
    def by_key(self) -> dict[str, MeasuredLine]:
        """The lines by their keys."""
        return {line.key: line for line in self.lines}


@dataclass(frozen=True)
class PlacedLandmark:
    """How a landmark came into the case folder. ``details``: the whole line of the answer (session.schema.json)."""

    label: str
    confidence: float | None
    placed_by: str | None
    details: dict[str, Any]


@dataclass(frozen=True)
class OpenedCase:
    """A case that is open for review."""

    case: str
    folder: Path
    model_id: str | None
    notes: tuple[str, ...]
    not_for_clinical_use: str
    landmarks: tuple[PlacedLandmark, ...]
    review: SavedReview
    measured: Measured
    ct_file: Path
    calcification_file: Path | None

    @classmethod
    def read(cls, answer: dict[str, Any]) -> OpenedCase:
        """Return the case of an ``OpenedAnswer``."""
        first: dict[str, PointLps] = {
            line["label"]: (p[0], p[1], p[2]) for line in answer["landmarks"] if (p := line["first_lps_mm"]) is not None
        }
        return cls(
            case=answer["case"],
            folder=Path(answer["folder"]),
            model_id=answer["model_id"],
            notes=tuple(answer["notes"]),
            not_for_clinical_use=answer["not_for_clinical_use"],
            landmarks=tuple(
                PlacedLandmark(line["label"], line["confidence"], line["placed_by"], line)
                for line in answer["landmarks"]
            ),
            review=SavedReview.read(answer["review"], first),
            measured=Measured.read(answer),
            ct_file=Path(answer["ct_file"]),
            calcification_file=None if (file := answer["calcification_file"]) is None else Path(file),
        )
