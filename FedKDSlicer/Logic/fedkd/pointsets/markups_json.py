"""Slicer's markups files (``.mrk.json``), schema 1.0: reader and writer.

Slicer's schema: Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json of github.com/Slicer/Slicer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fedkd import anatomy
from fedkd.atomic import write_text_atomically
from fedkd.pointsets.confidence_text import described, point_of
from fedkd.pointsets.points import LandmarkPoint, LpsPosition, PointList
from fedkd.pointsets.source_text import invalid, read_bytes

# Slicer accepts any 1.x version and has kept this address although the branch was renamed.
SCHEMA_URL = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
    "markups-schema-v1.0.3.json#"
)
# Slicer's enumeration of coordinate systems, which older writers store as a number.
_SIGNS_TO_LPS = {"LPS": (1.0, 1.0, 1.0), "RAS": (-1.0, -1.0, 1.0), "1": (1.0, 1.0, 1.0), "0": (-1.0, -1.0, 1.0)}
_LPS_ORIENTATION = [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0]

_Coordinate = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Text = Annotated[str, Field(strict=True)]


class _ControlPoint(BaseModel):
    model_config = ConfigDict(extra="ignore")

    label: _Text = ""
    description: _Text = ""
    # Slicer writes "" as the position of a point that has none.
    position: tuple[_Coordinate, _Coordinate, _Coordinate] | Literal[""] | None = None
    positionStatus: Literal["defined", "undefined", "preview", "missing"] = "defined"  # noqa: N815 (Slicer's name)


class _Markup(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: _Text
    coordinateSystem: Literal["LPS", "RAS", "0", "1"] = "LPS"  # noqa: N815
    coordinateUnits: _Text | Annotated[list[_Text], Field(min_length=1)] = "mm"  # noqa: N815
    controlPoints: list[_ControlPoint] = []  # noqa: N815


class _MarkupsFile(BaseModel):
    model_config = ConfigDict(extra="ignore")

    schema_url: Annotated[str, Field(alias="@schema", pattern=r"(?i)markups-schema-v1\.[0-9]+\.[0-9]+\.json#*$")]
    markups: list[_Markup]


def read_markups_json(path: Path) -> PointList:
    """Read the one list of control points in a ``.mrk.json``; labels as they stand in the file.

    Points that are "undefined", "missing" or only a "preview" have no position. Unlabeled points are numbered from 1.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE; POINTS_INVALID with the place in the file.
    """
    markup = _only_markup_with_points(path, _parse(path))
    units = markup.coordinateUnits if isinstance(markup.coordinateUnits, str) else markup.coordinateUnits[0]
    if units != "mm":
        raise invalid(path, None, f"The coordinates are in {units!r}; only millimeters are read")
    try:
        return PointList(
            tuple(_landmark_point(markup, number) for number in range(1, len(markup.controlPoints) + 1)),
        )
    except ValueError as error:
        raise invalid(path, None, f"The points contradict each other or their limits: {error}") from None


def write_markups_json(path: Path, points: PointList) -> None:
    """Write the points, in order, as a list that Slicer opens; a point without position is "undefined" there.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    document = {"@schema": SCHEMA_URL, "markups": [_markup(points)]}
    text = json.dumps(document, indent=4, ensure_ascii=False, allow_nan=False) + "\n"
    write_text_atomically(path, text)


def _parse(path: Path) -> _MarkupsFile:
    content = read_bytes(path)
    try:
        document = json.loads(content, parse_constant=_refuse_constant, object_pairs_hook=_object_without_repetition)
    except json.JSONDecodeError as error:
        raise invalid(path, error.lineno, f"The file is no complete JSON: {error.msg}") from None
    except RecursionError:
        raise invalid(path, None, "The JSON is nested too deep") from None
    except ValueError as error:
        raise invalid(path, None, f"The file cannot be read as JSON: {error}") from None
    try:
        return _MarkupsFile.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise invalid(path, None, f"The file is no Slicer markups file: {place}: {first['msg']}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")


def _object_without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return entries


def _only_markup_with_points(path: Path, document: _MarkupsFile) -> _Markup:
    # Lines and curves have control points too; a list of landmarks beside them is the one that is meant.
    with_points = [markup for markup in document.markups if markup.controlPoints]
    candidates = [markup for markup in with_points if markup.type == "Fiducial"] or with_points
    if not candidates:
        raise invalid(path, None, "The file holds no control point")
    if len(candidates) > 1:
        raise invalid(
            path,
            None,
            f"The file holds {len(candidates)} lists of points, and nothing says which is meant",
            "Save the list that is meant to a file of its own.",
        )
    return candidates[0]


def _landmark_point(markup: _Markup, number: int) -> LandmarkPoint:
    control_point = markup.controlPoints[number - 1]
    label = control_point.label.strip() or str(number)
    if control_point.positionStatus != "defined":
        return point_of(label, None, control_point.description)
    if not control_point.position:
        raise ValueError(f"the point {label!r} is defined but has no position")
    signs = _SIGNS_TO_LPS[markup.coordinateSystem]
    x, y, z = (sign * value for sign, value in zip(signs, control_point.position, strict=True))
    return point_of(label, (x, y, z), control_point.description)


def _markup(points: PointList) -> dict[str, Any]:
    return {
        "type": "Fiducial",
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "locked": False,
        "fixedNumberOfControlPoints": True,
        "labelFormat": "%N-%d",
        "lastUsedControlPointNumber": len(points),
        "controlPoints": [_control_point(str(number), point) for number, point in enumerate(points, start=1)],
        "measurements": [],
        "display": _display(),
    }


def _control_point(point_id: str, point: LandmarkPoint) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": point_id,
        "label": point.label,
        "description": described(point),
        "associatedNodeID": "",
    }
    if point.position_lps_mm is not None:
        entry["position"] = _without_minus_zero(point.position_lps_mm)
    return entry | {
        "orientation": _LPS_ORIENTATION,
        "selected": True,
        "locked": False,
        "visibility": True,
        "positionStatus": "defined" if point.is_defined else "undefined",
    }


def _without_minus_zero(position_lps_mm: LpsPosition) -> list[float]:
    return [coordinate + 0.0 for coordinate in position_lps_mm]


def _display() -> dict[str, Any]:
    # Points are "selected" unless the user says otherwise.
    color = list(anatomy.LANDMARK_LIST_COLOR_RGB)
    return {
        "visibility": True,
        "opacity": 1.0,
        "color": color,
        "selectedColor": color,
        "activeColor": [0.4, 1.0, 0.0],
        "propertiesLabelVisibility": False,
        "pointLabelsVisibility": True,
        "textScale": 3.0,
        "glyphType": "Sphere3D",
        "glyphScale": 2.0,
        "glyphSize": 5.0,
        "useGlyphScale": True,
    }
