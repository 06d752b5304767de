"""Who placed a landmark: the model, a file, or a reader who moved it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.provenance import PointRecord
from fedkd.geometry import is_same_place
from fedkd.pointsets import LandmarkPoint, LpsPosition, PointList

Origin = Literal["model", "file"]


def seven_landmarks(points: PointList) -> PointList:
    """Return the seven landmarks in their fixed order; those that ``points`` lacks have no position."""
    return PointList(
        tuple(points[name] if name in points else LandmarkPoint(name, None) for name in LANDMARK_NAMES), points.notes
    )


def first_records(points: PointList, placed_by: Origin) -> tuple[PointRecord, ...]:
    """Return what provenance.json says of points that were just predicted, or read from a file."""
    return tuple(_record(point, placed_by, point.position_lps_mm) for point in points)


def later_records(earlier: Sequence[PointRecord], points: PointList, placed_by: Origin) -> tuple[PointRecord, ...]:
    """Return what provenance.json says of the points as they are now.

    Args:
        earlier: what it said before; where it does not know where a point first was, the point counts as unmoved.
        points: the seven landmarks as they are in the case folder.
        placed_by: who placed the first ones.
    """
    known = {record.label: record for record in earlier}
    return tuple(_later_record(known.get(point.label), point, placed_by) for point in points)


def trusted(points: PointList, records: Sequence[PointRecord]) -> PointList:
    """Return the points without the model's confidence and spread where a reader has moved them."""
    own = {record.label: record for record in records}
    return PointList(tuple(_as_recorded(point, own.get(point.label)) for point in points), points.notes)


def _as_recorded(point: LandmarkPoint, record: PointRecord | None) -> LandmarkPoint:
    if record is None:
        return replace(point, confidence=None, spread_mm=None, is_calibrated=False)
    is_calibrated = record.confidence_level is not None
    return replace(point, confidence=record.confidence, spread_mm=record.spread_mm, is_calibrated=is_calibrated)


def source_of(records: Sequence[PointRecord], first_source: str) -> str:
    """Return in words who placed the landmarks; ``first_source`` is a model or a file."""
    corrected = [record.label for record in records if _was_corrected(record)]
    return first_source if not corrected else f"{first_source}; corrected by a reader: {', '.join(corrected)}"


def _was_corrected(record: PointRecord) -> bool:
    return record.placed_by == "reader" or (record.placed_by is None and record.first_lps_mm is not None)


def _later_record(earlier: PointRecord | None, point: LandmarkPoint, placed_by: Origin) -> PointRecord:
    if earlier is None:
        return _record(point, "reader", None)
    first = earlier.first_lps_mm
    if first is None and earlier.found:  # an older provenance.json, which does not say where
        first = point.position_lps_mm
    return _record(point, placed_by if is_same_place(first, point.position_lps_mm) else "reader", first)


def _record(point: LandmarkPoint, by: Literal["model", "file", "reader"], first: LpsPosition | None) -> PointRecord:
    models_own = point.is_defined and by != "reader"
    return PointRecord(
        label=point.label,
        found=point.is_defined,
        confidence=point.confidence if models_own else None,
        confidence_level=point.confidence_level if models_own else None,
        spread_mm=point.spread_mm if models_own else None,
        description=point.description,
        placed_by=by if point.is_defined else None,
        first_lps_mm=first,
    )
