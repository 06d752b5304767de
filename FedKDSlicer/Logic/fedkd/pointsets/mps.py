"""Reader of MITK point sets (``.mps``).

A ``.mps`` holds no labels: the order of its points is the label. MITK orders points by ascending id, the study's own
reader by their place in the document. Where the two differ this reader says so, see :class:`MpsPoints`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedkd.geometry import FloatArray
from fedkd.pointsets.points import LARGEST_COORDINATE_MM, LpsPosition, as_position
from fedkd.pointsets.source_text import invalid, parse_number, read_bytes
from fedkd.pointsets.xml_tree import XmlElement, parse_xml

_CHILDREN: dict[str, frozenset[str]] = {
    "point_set_file": frozenset({"file_version", "point_set"}),
    "point_set": frozenset({"time_series", "Geometry3D", "point"}),
    "time_series": frozenset({"time_series_id", "Geometry3D", "point"}),
    "Geometry3D": frozenset({"IndexToWorld", "Offset", "Bounds"}),
    "Bounds": frozenset({"Min", "Max"}),
    "point": frozenset({"id", "specification", "x", "y", "z"}),
}
_INTEGER = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class MpsPoints:
    """The points of a ``.mps`` file.

    Args:
        positions_lps_mm: by ascending id, in world coordinates (LPS mm); of an id used twice, the last point.
        order_doubt: None, or why ascending ids and document order do not give the same points.
    """

    positions_lps_mm: tuple[LpsPosition, ...]
    order_doubt: str | None


@dataclass(frozen=True)
class _StoredPoint:
    point_id: int
    index_coordinates: FloatArray
    line: int


def read_mps(path: Path) -> MpsPoints:
    """Read the one set of points in a ``.mps`` file.

    Stored values are index coordinates: world = IndexToWorld * p + Offset (identity when there is no Geometry3D).

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE; POINTS_INVALID with file and line for anything doubtful.
    """
    root = parse_xml(path, read_bytes(path))
    if root.tag != "point_set_file":
        raise invalid(path, root.line, f"The file begins with <{root.tag}>, not with <point_set_file>")
    _refuse_foreign_elements(path, root)
    _check_version(path, root)
    container = _only_container_with_points(path, root)
    stored = [_stored_point(path, element) for element in container.named("point")]
    to_world = _index_to_world(path, container)
    latest_by_id = {point.point_id: point for point in stored}
    positions = tuple(
        _checked_world_position(path, latest_by_id[point_id], to_world) for point_id in sorted(latest_by_id)
    )
    return MpsPoints(positions, _order_doubt([point.point_id for point in stored]))


def _refuse_foreign_elements(path: Path, element: XmlElement) -> None:
    allowed = _CHILDREN.get(element.tag, frozenset())
    for child in element.children:
        if child.tag not in allowed:
            raise invalid(path, child.line, f"The element <{child.tag[:40]}> does not belong inside <{element.tag}>")
        _refuse_foreign_elements(path, child)
    if element.children and element.text.strip():
        raise invalid(path, element.line, f"There is loose text inside <{element.tag}>")


def _check_version(path: Path, root: XmlElement) -> None:
    for version in root.named("file_version"):
        if version.text.strip() != "0.1":
            raise invalid(path, version.line, f"The file version is {version.text.strip()[:40]!r}; only 0.1 is known")


def _only_container_with_points(path: Path, root: XmlElement) -> XmlElement:
    containers = []
    for point_set in root.named("point_set"):
        # Files from before time steps existed hold their points directly in the point set.
        containers += [element for element in (point_set, *point_set.named("time_series")) if _has_points(element)]
    if not containers:
        raise invalid(path, None, "The file holds no point")
    if len(containers) > 1:
        raise invalid(
            path,
            containers[1].line,
            "Several point sets or time steps of the file hold points",
            "Save the one that is meant to a file of its own.",
        )
    return containers[0]


def _has_points(element: XmlElement) -> bool:
    return next(element.named("point"), None) is not None


def _only_child(path: Path, parent: XmlElement, tag: str) -> XmlElement:
    child = _optional_child(path, parent, tag)
    if child is None:
        raise invalid(path, parent.line, f"A <{parent.tag}> has no <{tag}>")
    return child


def _optional_child(path: Path, parent: XmlElement, tag: str) -> XmlElement | None:
    children = list(parent.named(tag))
    if len(children) > 1:
        raise invalid(path, children[1].line, f"A <{parent.tag}> has more than one <{tag}>")
    return children[0] if children else None


def _stored_point(path: Path, element: XmlElement) -> _StoredPoint:
    point_id = _only_child(path, element, "id")
    specification = _optional_child(path, element, "specification")
    for number in (point_id, specification):
        if number is not None and not _INTEGER.fullmatch(number.text.strip()):
            raise invalid(path, number.line, f"<{number.tag}> is {number.text.strip()[:40]!r}, not a whole number")
    coordinates = []
    for axis in ("x", "y", "z"):
        child = _only_child(path, element, axis)
        coordinates.append(_number(path, child, f"<{axis}>", child.text))
    return _StoredPoint(int(point_id.text), np.array(coordinates), element.line)


def _number(path: Path, element: XmlElement, name: str, text: str) -> float:
    try:
        return parse_number(text)
    except ValueError as error:
        raise invalid(path, element.line, f"{name}: {error}") from None


def _index_to_world(path: Path, container: XmlElement) -> Callable[[FloatArray], FloatArray]:
    geometry = _optional_child(path, container, "Geometry3D")
    if geometry is None:
        return lambda index_coordinates: index_coordinates
    matrix, offset = np.eye(3), np.zeros(3)
    matrix_element = _optional_child(path, geometry, "IndexToWorld")
    if matrix_element is not None:
        names = [f"m_{row}_{column}" for row in range(3) for column in range(3)]
        matrix = np.array(_attributes(path, matrix_element, names)).reshape(3, 3)
        if not np.isfinite(matrix).all() or np.linalg.matrix_rank(matrix) < 3:
            raise invalid(path, matrix_element.line, "<IndexToWorld> is no invertible transform")
    offset_element = _optional_child(path, geometry, "Offset")
    if offset_element is not None:
        offset = np.array(_attributes(path, offset_element, ["x", "y", "z"]))
    return lambda index_coordinates: matrix @ index_coordinates + offset


def _attributes(path: Path, element: XmlElement, names: list[str]) -> list[float]:
    for name in names:
        if name not in element.attributes:
            raise invalid(path, element.line, f"<{element.tag}> has no attribute {name}")
    return [_number(path, element, f"<{element.tag} {name}>", element.attributes[name]) for name in names]


def _checked_world_position(
    path: Path, point: _StoredPoint, to_world: Callable[[FloatArray], FloatArray]
) -> LpsPosition:
    with np.errstate(over="ignore", invalid="ignore"):
        world = to_world(point.index_coordinates)
    if not np.isfinite(world).all() or np.abs(world).max() > LARGEST_COORDINATE_MM:
        raise invalid(
            path,
            point.line,
            f"Point {point.point_id} lies further than {LARGEST_COORDINATE_MM:g} mm from the origin",
            "Check that the point set is in millimeters.",
        )
    return as_position(world)


def _order_doubt(ids_in_document_order: list[int]) -> str | None:
    if len(set(ids_in_document_order)) < len(ids_in_document_order):
        return "an id is used by more than one point, of which MITK keeps the last"
    if ids_in_document_order != sorted(ids_in_document_order):
        return "the points do not stand in the order of their ids, which is the order MITK gives them"
    return None
