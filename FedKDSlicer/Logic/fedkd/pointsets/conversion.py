"""From one point file to another, with a word on what the new one cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fedkd.anatomy import STUDY_ORDERS
from fedkd.pointsets.formats import point_file_extension, read_points, write_points


def convert_points(source: Path, target: Path, order: Sequence[str] | None = None) -> tuple[str, ...]:
    """Read ``source`` and write ``target``; return notes for the user: doubts in the input, losses in the output.

    Raises:
        FedkdError: as :func:`read_points` and :func:`write_points`.
    """
    extension = point_file_extension(target)
    points = read_points(source, order)
    write_points(target, points)
    notes = list(points.notes)
    if extension == ".mps":
        written = STUDY_ORDERS.get(target.name.lower(), points.labels)
        notes.append(f"{target.name} holds no labels: its points are, in order, {', '.join(written)}.")
        left_out = [label for label in points.labels if label not in written]
    elif extension == ".fcsv":
        left_out = list(points.missing(points.labels))
    else:
        left_out = []
    if left_out:
        notes.append(f"Left out of {target.name}: {', '.join(left_out)}.")
    return tuple(notes)
