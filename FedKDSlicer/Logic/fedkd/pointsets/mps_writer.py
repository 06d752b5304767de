"""Writer of MITK point sets (``.mps``), as MITK has written them since 2021.02.

The points get ids from 0 in the order of the list, and the identity as transform: the values are LPS mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np

from fedkd.atomic import write_atomically
from fedkd.pointsets.points import LpsPosition


def write_mps(path: Path, positions_lps_mm: Sequence[LpsPosition]) -> None:
    """Write positions (LPS mm) with the ids 0, 1, ... in the order given.

    Raises:
        ValueError: there is no position; MITK refuses an empty set.
        FedkdError: OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    if not positions_lps_mm:
        raise ValueError("a point set needs at least one point")
    document = ElementTree(_point_set_file(positions_lps_mm))
    indent(document, space="    ")

    def save(temporary: Path) -> None:
        with temporary.open("wb") as stream:
            stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
            document.write(stream, encoding="utf-8", xml_declaration=False)
            stream.write(b"\n")

    write_atomically(path, save)


def _point_set_file(positions_lps_mm: Sequence[LpsPosition]) -> Element:
    root = Element("point_set_file")
    _add_text(root, "file_version", "0.1")
    time_series = SubElement(SubElement(root, "point_set"), "time_series")
    _add_text(time_series, "time_series_id", "0")
    _add_geometry(time_series, positions_lps_mm)
    for point_id, position in enumerate(positions_lps_mm):
        point = SubElement(time_series, "point")
        _add_text(point, "id", str(point_id))
        _add_text(point, "specification", "0")
        for axis, value in zip("xyz", position, strict=True):
            _add_text(point, axis, f"{value + 0.0:.12g}")
    return root


def _add_geometry(time_series: Element, positions_lps_mm: Sequence[LpsPosition]) -> None:
    geometry = SubElement(time_series, "Geometry3D", {"ImageGeometry": "false", "FrameOfReferenceID": "0"})
    matrix = {f"m_{row}_{column}": "1" if row == column else "0" for row in range(3) for column in range(3)}
    SubElement(geometry, "IndexToWorld", {"type": "Matrix3x3"} | matrix)
    _add_vector(geometry, "Offset", (0.0, 0.0, 0.0))
    bounds = SubElement(geometry, "Bounds")
    values = np.array(positions_lps_mm)
    _add_vector(bounds, "Min", values.min(axis=0).tolist())
    _add_vector(bounds, "Max", values.max(axis=0).tolist())


def _add_vector(parent: Element, tag: str, values: Sequence[float]) -> None:
    coordinates = {axis: _full_precision(value) for axis, value in zip("xyz", values, strict=True)}
    SubElement(parent, tag, {"type": "Vector3D"} | coordinates)


def _full_precision(value: float) -> str:
    # The shortest text that gives the same number back; "+ 0.0" turns -0 into 0.
    return np.format_float_positional(value + 0.0, trim="-")


def _add_text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
