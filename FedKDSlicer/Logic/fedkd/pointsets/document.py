"""The JSON that ``fedkd points show --json`` prints. Its schema lies in Resources/Schemas/points.schema.json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.confidence import Level
from fedkd.pointsets.points import LARGEST_COORDINATE_MM, PointList

Coordinate = Annotated[float, Field(ge=-LARGEST_COORDINATE_MM, le=LARGEST_COORDINATE_MM, allow_inf_nan=False)]


class PointRecord(BaseModel):
    """One point."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1)
    position_lps_mm: tuple[Coordinate, Coordinate, Coordinate] | None = Field(
        description="x (left), y (back), z (head) in millimeters; null when the point is undefined"
    )
    confidence: float | None = Field(ge=0, le=1, description="0 is a guess, 1 is certain; null when unknown")
    confidence_level: Level | None = Field(description="null: the confidence is not calibrated")
    spread_mm: float | None = Field(
        ge=0, description="how far the passes and models that voted lie from it; null when unknown"
    )
    description: str


class PointsDocument(BaseModel):
    """The points of one file, in its order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="name of the file the points were read from")
    coordinate_system: Literal["LPS"] = "LPS"
    unit: Literal["mm"] = "mm"
    points: tuple[PointRecord, ...]
    notes: tuple[str, ...] = Field(description="what a person should know about how the file was read")
    notice: str = NOT_FOR_CLINICAL_USE


def points_document(path: Path, points: PointList) -> PointsDocument:
    """Return what to print about the points that were read from ``path``."""
    return PointsDocument(
        file=path.name,
        points=tuple(
            PointRecord(
                label=point.label,
                position_lps_mm=point.position_lps_mm,
                confidence=point.confidence,
                confidence_level=point.confidence_level,
                spread_mm=point.spread_mm,
                description=point.description,
            )
            for point in points
        ),
        notes=points.notes,
    )
