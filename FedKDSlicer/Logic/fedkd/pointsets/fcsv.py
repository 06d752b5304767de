"""Slicer's former format of point lists (``.fcsv``), which Slicer still reads. New files should be ``.mrk.json``."""

from __future__ import annotations

from pathlib import Path

from fedkd.atomic import write_text_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets.confidence_text import described, point_of
from fedkd.pointsets.delimited import Row, read_rows, rows_to_text
from fedkd.pointsets.points import LandmarkPoint, LpsPosition, PointList
from fedkd.pointsets.source_text import decode_utf8, invalid, read_bytes

_COLUMNS = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"
_LABEL, _DESCRIPTION, _POSITION_STATUS = 11, 12, 14
# Slicer's enumeration of position states, in a column that recent versions add without naming it.
_DEFINED, _STATES = "2", frozenset("0123")
_SIGNS_TO_LPS = {"LPS": (1.0, 1.0, 1.0), "1": (1.0, 1.0, 1.0), "RAS": (-1.0, -1.0, 1.0), "0": (-1.0, -1.0, 1.0)}


def read_fcsv(path: Path) -> PointList:
    """Read a ``.fcsv`` of Slicer 4 or 5; unlabeled points are numbered from 1.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE; POINTS_INVALID with file and line, also when the file does not
            say its coordinate system: Slicer 4 then meant RAS, Slicer 5 means LPS.
    """
    header, body = _split_header(decode_utf8(path, read_bytes(path)))
    signs = _signs_to_lps(path, header)
    rows = list(read_rows(path, body, skipped_lines=len(header)))
    if not rows:
        raise invalid(path, None, "The file holds no point")
    try:
        return PointList(tuple(_point(row, number, signs) for number, row in enumerate(rows, start=1)))
    except ValueError as error:
        raise invalid(path, None, f"The points contradict each other: {error}") from None


def write_fcsv(path: Path, points: PointList) -> None:
    """Write the points that have a position, in LPS. Others are left out: older Slicers would show them at (0, 0, 0).

    Raises:
        FedkdError: POINTS_INVALID when no point has a position; OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    rows = [_cells(str(number), point) for number, point in enumerate(points, start=1) if point.is_defined]
    if not rows:
        raise FedkdError(
            ExitCode.POINTS_INVALID,
            "No point has a position, so there is nothing to write.",
            where=path,
            what_to_do="Place a point first, or write a .mrk.json, which keeps points without position.",
        )
    header = f"# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n# columns = {_COLUMNS}\n"
    write_text_atomically(path, header + rows_to_text(rows))


def _split_header(text: str) -> tuple[list[str], str]:
    """Return the comment lines that begin the file, and the text after them."""
    lines = text.splitlines(keepends=True)
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        count += 1
    return [line.strip() for line in lines[:count]], "".join(lines[count:])


def _signs_to_lps(path: Path, header: list[str]) -> tuple[float, float, float]:
    settings = {name.strip(" #"): value.strip() for name, _, value in (line.partition("=") for line in header)}
    if "Markups fiducial file version" not in settings:
        raise invalid(path, 1, "The file does not begin with '# Markups fiducial file version = ...'")
    if not settings.get("columns", _COLUMNS).startswith(_COLUMNS):
        raise invalid(path, None, f"The columns are not those of Slicer: {_COLUMNS}")
    system = settings.get("CoordinateSystem")
    if system not in _SIGNS_TO_LPS:
        raise invalid(
            path,
            None,
            f"The coordinate system is {system!r}, not LPS or RAS" if system else "The coordinate system is missing",
            "Add a line '# CoordinateSystem = LPS' (or RAS) at the top of the file.",
        )
    return _SIGNS_TO_LPS[system]


def _point(row: Row, number: int, signs: tuple[float, float, float]) -> LandmarkPoint:
    if len(row.cells) <= _LABEL:
        raise invalid(row.path, row.line, f"The row has {len(row.cells)} columns; at least {_LABEL + 1} are needed")
    label = row.cell(_LABEL) or str(number)
    position = _position(row, signs)
    try:
        return point_of(label, position, row.cell(_DESCRIPTION))
    except ValueError as error:
        raise invalid(row.path, row.line, f"No valid point: {error}") from None


def _position(row: Row, signs: tuple[float, float, float]) -> LpsPosition | None:
    status = row.cell(_POSITION_STATUS) or _DEFINED
    if status not in _STATES:
        raise invalid(row.path, row.line, f"The state of the position is {status[:40]!r}, none that Slicer knows")
    if status != _DEFINED:
        return None
    return signs[0] * row.number(1), signs[1] * row.number(2), signs[2] * row.number(3)


def _cells(point_id: str, point: LandmarkPoint) -> tuple[str, ...]:
    coordinates = () if point.position_lps_mm is None else tuple(repr(value) for value in point.position_lps_mm)
    # Slicer reads line by line: a description of several lines would break the table.
    description = " ".join(described(point).split())
    orientation_visible_selected_locked = ("0", "0", "0", "1", "1", "1", "0")
    return (point_id, *coordinates, *orientation_visible_selected_locked, point.label, description, "")
