"""The study's own point files: ``hps.mps`` and ``ms.mps``, where the order of the points is their label."""

from __future__ import annotations

from pathlib import Path

from fedkd.anatomy import STUDY_ORDERS
from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets.mps_writer import write_mps
from fedkd.pointsets.points import PointList


def write_study_point_sets(folder: Path, points: PointList) -> tuple[Path, ...]:
    """Write those of ``hps.mps`` and ``ms.mps`` whose points all have a position; return the files written.

    A set that is not complete is not written: the study's reader would shift its labels.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE, DISK_FULL; also when an older file stands where no set can be written.
    """
    written = []
    for name, order in STUDY_ORDERS.items():
        path = folder / name
        if not points.missing(order):
            write_labeled_mps(path, points)
            written.append(path)
        elif path.exists():
            raise FedkdError(
                ExitCode.OUTPUT_NOT_WRITABLE,
                f"An older {name} is there, and the new points do not fill it.",
                where=path,
                what_to_do="Remove the older file, or write to another folder.",
            )
    return tuple(written)


def write_labeled_mps(path: Path, points: PointList) -> None:
    """Write points as ``.mps``: under one of the study's names its points in its order, else all points as they come.

    Raises:
        FedkdError: POINTS_INVALID when a point has no position, which the format cannot express;
            OUTPUT_NOT_WRITABLE, DISK_FULL.
    """
    order = STUDY_ORDERS.get(path.name.lower(), points.labels)
    missing = points.missing(order)
    if missing or not order:
        what = f"These points have no position: {', '.join(missing)}" if missing else "There is no point to write"
        raise FedkdError(
            ExitCode.POINTS_INVALID,
            f"{what}. A .mps cannot hold an undefined point: all later points would get wrong labels.",
            where=path,
            what_to_do="Place the missing points first, or write a .mrk.json, which keeps undefined ones.",
        )
    positions = points.defined_positions_lps_mm()
    write_mps(path, [positions[label] for label in order])
