"""measurements.json: flat, one object a measurement; and shapes.json: what to draw. Both have schemas."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.confidence import Confidence, Level
from fedkd.geometry import Plane
from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.findings import Finding, Severity
from fedkd.measurement.result import Measurements
from fedkd.measurement.shapes import CArmView, CenterlinePoint, Contour, Line, Shapes

# Landmarks lie within 10 m; a circle through three nearly in line reaches further. Beyond is damage.
_Coordinate = Annotated[float, Field(ge=-1e7, le=1e7)]
# Names of shapes become names of nodes and of files in a scene, and Slicer formats labels with them: a "%" in one
# makes it read memory that is not its own.
ShapeName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^%/\\\x00-\x1f\x7f]+$")]
PointLps = tuple[_Coordinate, _Coordinate, _Coordinate]


def _unit_vector(direction: PointLps) -> PointLps:
    if abs(float(np.linalg.norm(direction)) - 1) > 1e-3:
        raise ValueError("a direction has the length 1")
    return direction


DirectionLps = Annotated[PointLps, AfterValidator(_unit_vector)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


class QuantityRecord(_Record):
    """One measurement; ``value`` is null with a ``reason`` when it could not be measured."""

    value: float | str | None
    unit: str = Field(description="UCUM")
    reason: str | None = None
    method: str
    inputs: tuple[str, ...]


class FindingRecord(_Record):
    """One thing to look at twice."""

    code: str
    severity: Severity
    text: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    source: str


class LandmarkRecord(_Record):
    """A landmark that the measurements rest on; null: undefined."""

    position_lps_mm: PointLps | None
    confidence: float | None = None
    confidence_level: Level | None = Field(default=None, description="null: the confidence is not calibrated")
    spread_mm: float | None = None

    @property
    def judged(self) -> Confidence | None:
        """The confidence and what it is worth; None when nothing is known about it."""
        return None if self.confidence is None else Confidence(self.confidence, self.confidence_level is not None)


def _list_catalog(schema: dict[str, JsonValue]) -> None:
    """Name every key of the catalog in the schema, as required."""
    properties, required, quantity = schema["properties"], schema["required"], schema["additionalProperties"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    assert isinstance(quantity, dict)
    for key in KEYS:
        properties[key] = {**quantity, "title": BY_KEY[key].name}
        required.append(key)
    schema["additionalProperties"] = False


class MeasurementsDocument(BaseModel):
    """The content of measurements.json. Every key of the catalog stands at the top, beside these fields."""

    model_config = ConfigDict(
        extra="allow", frozen=True, protected_namespaces=(), json_schema_extra=_list_catalog, allow_inf_nan=False
    )
    __pydantic_extra__: dict[str, QuantityRecord] = Field(init=False)

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    case: str
    landmark_source: str = Field(description="who placed the landmarks: a model, or the name of a file")
    model_id: str | None = Field(description="the model that predicted landmarks or calcification; null: none")
    calcium_threshold: str = Field(description="HU such as 850, or lumen+100")
    landmarks: dict[str, LandmarkRecord]
    findings: tuple[FindingRecord, ...]

    @property
    def quantities(self) -> dict[str, QuantityRecord]:
        """The measurements by key."""
        return dict(self.__pydantic_extra__)


class PlaneRecord(_Record):
    """A plane."""

    center_lps_mm: PointLps
    normal_lps: DirectionLps


class ContourRecord(_Record):
    """A closed line; the first point is not repeated."""

    name: ShapeName
    plane: PlaneRecord
    points_lps_mm: tuple[PointLps, ...] = Field(min_length=3, max_length=4096)


class LineRecord(_Record):
    """A measured distance."""

    name: ShapeName
    start_lps_mm: PointLps
    end_lps_mm: PointLps


class ViewRecord(_Record):
    """A C-arm view."""

    lao_deg: float = Field(ge=-180, le=180)
    cranial_deg: float = Field(ge=-180, le=180)


class StationRecord(_Record):
    """A point of the centerline and the lumen's area there."""

    height_mm: float = Field(ge=-1e4, le=1e4)
    position_lps_mm: PointLps
    area_mm2: float | None = Field(ge=0, le=1e6)


class ShapesDocument(_Record):
    """The content of shapes.json."""

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    annulus_plane: PlaneRecord | None
    hinge_circle_diameter_mm: float | None = Field(gt=0, le=1e7)
    contours: tuple[ContourRecord, ...] = Field(max_length=64)
    lines: tuple[LineRecord, ...] = Field(max_length=64)
    centerline: tuple[StationRecord, ...] = Field(max_length=4096)
    s_curve: tuple[ViewRecord, ...] = Field(max_length=4096)
    named_views: dict[str, ViewRecord]

    @classmethod
    def of(cls, shapes: Shapes) -> ShapesDocument:
        """Return the record of ``shapes``."""
        plane = shapes.annulus_plane
        return cls(
            annulus_plane=None if plane is None else _plane_record(plane),
            hinge_circle_diameter_mm=shapes.hinge_circle_diameter_mm,
            contours=tuple(
                ContourRecord(
                    name=one.name,
                    plane=_plane_record(one.plane),
                    points_lps_mm=tuple(_point(point) for point in one.points_lps_mm),
                )
                for one in shapes.contours
            ),
            lines=tuple(
                LineRecord(name=one.name, start_lps_mm=_point(one.start_lps_mm), end_lps_mm=_point(one.end_lps_mm))
                for one in shapes.lines
            ),
            centerline=tuple(
                StationRecord(
                    height_mm=one.height_mm, position_lps_mm=_point(one.position_lps_mm), area_mm2=one.area_mm2
                )
                for one in shapes.centerline
            ),
            s_curve=tuple(_view_record(view) for view in shapes.s_curve),
            named_views={name: _view_record(view) for name, view in shapes.named_views.items()},
        )

    def shapes(self) -> Shapes:
        """Return what the record says, as arrays."""
        plane = self.annulus_plane
        return Shapes(
            annulus_plane=None if plane is None else _plane(plane),
            hinge_circle_diameter_mm=self.hinge_circle_diameter_mm,
            contours=tuple(
                Contour(one.name, _plane(one.plane), np.array(one.points_lps_mm, float)) for one in self.contours
            ),
            lines=tuple(Line(one.name, np.array(one.start_lps_mm), np.array(one.end_lps_mm)) for one in self.lines),
            centerline=tuple(
                CenterlinePoint(one.height_mm, np.array(one.position_lps_mm), one.area_mm2) for one in self.centerline
            ),
            s_curve=tuple(CArmView(one.lao_deg, one.cranial_deg) for one in self.s_curve),
            named_views={name: CArmView(one.lao_deg, one.cranial_deg) for name, one in self.named_views.items()},
        )


def quantity_records(measurements: Measurements) -> dict[str, QuantityRecord]:
    """Return the measurements as they stand in the file, in the catalog's order."""
    return {
        key: QuantityRecord(
            value=quantity.value,
            unit=BY_KEY[key].unit,
            reason=quantity.reason,
            method=BY_KEY[key].method,
            inputs=BY_KEY[key].inputs,
        )
        for key, quantity in measurements.quantities.items()
    }


def finding_record(finding: Finding) -> FindingRecord:
    """Return the finding as it stands in the file."""
    return FindingRecord(**vars(finding))


def _plane_record(plane: Plane) -> PlaneRecord:
    return PlaneRecord(center_lps_mm=_point(plane.center_lps_mm), normal_lps=_point(plane.normal_lps))


def _plane(record: PlaneRecord) -> Plane:
    return Plane(np.array(record.center_lps_mm), np.array(record.normal_lps))


def _view_record(view: CArmView) -> ViewRecord:
    return ViewRecord(lao_deg=view.lao_deg, cranial_deg=view.cranial_deg)


def _point(point: np.ndarray) -> PointLps:
    return (float(point[0]), float(point[1]), float(point[2]))
