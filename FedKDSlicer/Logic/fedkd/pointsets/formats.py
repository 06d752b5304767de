"""Point files by their extension: the one door for reading and writing points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets.csv_table import read_csv_table, write_csv_table
from fedkd.pointsets.fcsv import read_fcsv, write_fcsv
from fedkd.pointsets.labels import labeled_mps, with_landmark_names, with_order
from fedkd.pointsets.markups_json import read_markups_json, write_markups_json
from fedkd.pointsets.mps import read_mps
from fedkd.pointsets.points import PointList
from fedkd.pointsets.study_files import write_labeled_mps

_LABELED_READERS: dict[str, Callable[[Path], PointList]] = {
    ".mrk.json": read_markups_json,
    ".fcsv": read_fcsv,
    ".csv": read_csv_table,
}
_WRITERS: dict[str, Callable[[Path, PointList], None]] = {
    ".mps": write_labeled_mps,
    ".mrk.json": write_markups_json,
    ".fcsv": write_fcsv,
    ".csv": write_csv_table,
}
EXTENSIONS = tuple(_WRITERS)


def read_points(path: Path, order: Sequence[str] | None = None) -> PointList:
    """Read points from a ``.mps``, ``.mrk.json``, ``.fcsv`` or ``.csv`` file.

    Aliases of landmarks (ACC, RCA, LCA) get the landmark's name; other labels stay as they are.

    Args:
        path: the file; its extension says the format.
        order: labels in the order of the points, for a file without labels; see :mod:`fedkd.pointsets.labels`.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE, or POINTS_INVALID with file and line.
    """
    extension = point_file_extension(path)
    if extension == ".mps":
        return labeled_mps(path, read_mps(path), order)
    points = with_landmark_names(path, _LABELED_READERS[extension](path))
    return points if order is None else with_order(path, points, order)


def write_points(path: Path, points: PointList) -> None:
    """Write points in the format of the extension of ``path``; an existing file is replaced.

    Raises:
        FedkdError: POINTS_INVALID when the format cannot hold these points; OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    _WRITERS[point_file_extension(path)](path, points)


def point_file_extension(path: Path) -> str:
    """Return the extension of ``path`` in small letters.

    Raises:
        FedkdError: POINTS_INVALID when it is none of EXTENSIONS.
    """
    name = path.name.lower()
    for extension in EXTENSIONS:
        if name.endswith(extension):
            return extension
    raise FedkdError(
        ExitCode.POINTS_INVALID,
        "The file's extension is not one of point files.",
        where=path,
        what_to_do=f"Use a name that ends with {', '.join(EXTENSIONS)}.",
    )
