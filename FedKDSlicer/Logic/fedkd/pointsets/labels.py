"""Which label a point gets: from the file, from the study's file names, or from an order that a person gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fedkd import anatomy
from fedkd.pointsets.mps import MpsPoints
from fedkd.pointsets.points import LandmarkPoint, PointList
from fedkd.pointsets.source_text import invalid


def landmark_name_or_same(label: str) -> str:
    """Return the landmark that ``label`` or an alias of it (ACC, RCA, LCA) names; any other label unchanged."""
    try:
        return anatomy.canonical_name(label)
    except KeyError:
        return label


def with_landmark_names(path: Path, points: PointList) -> PointList:
    """Return the points with aliases replaced by landmark names; other labels stay.

    Raises:
        FedkdError: POINTS_INVALID when two points then have the same name.
    """
    try:
        return points.relabeled([landmark_name_or_same(label) for label in points.labels])
    except ValueError as error:
        raise invalid(path, None, f"Two points mean the same landmark: {error}") from None


def with_order(path: Path, points: PointList, order: Sequence[str]) -> PointList:
    """Apply a given order to points whose file carries labels.

    When the order names the file's own labels, the points are put into that order. When the file's labels are no
    landmarks ("F-1", "F-2"), its points get the names of the order, one after the other.

    Raises:
        FedkdError: POINTS_INVALID when the order neither sorts nor names the points.
    """
    names = _checked_order(path, order, len(points))
    if set(names) == set(points.labels):
        return points.subset(names)
    if any(label in anatomy.LANDMARK_BY_NAME for label in points.labels):
        raise invalid(
            path,
            None,
            f"The order {', '.join(names)} differs from the labels in the file: {', '.join(points.labels)}",
            "Name every label of the file once in the order, or leave the order away.",
        )
    return points.relabeled(names)


def labeled_mps(path: Path, stored: MpsPoints, order: Sequence[str] | None) -> PointList:
    """Return the points of a ``.mps`` with labels: those of ``order``, else those of the study's file names.

    Without either the points are numbered from 1.

    Raises:
        FedkdError: POINTS_INVALID when the order does not fit, or the file leaves its own order in doubt.
    """
    count = len(stored.positions_lps_mm)
    names, notes = _numbers(count), []
    study_order = anatomy.STUDY_ORDERS.get(path.name.lower())
    if order is not None:
        names = _checked_order(path, order, count)
    elif study_order is not None and len(study_order) == count:
        names = study_order
    elif study_order is not None:
        notes.append(f"{path.name} should hold {len(study_order)} points but holds {count}: they are only numbered.")
    if stored.order_doubt is not None:
        if names != _numbers(count):
            raise invalid(
                path,
                None,
                f"The order of the points gives them their names, and it is in doubt: {stored.order_doubt}",
                "Save the point set again with MITK, check which point is which, and use that file.",
            )
        notes.append(f"Points are in ascending order of id; {stored.order_doubt}.")
    positions = zip(names, stored.positions_lps_mm, strict=True)
    return PointList(tuple(LandmarkPoint(name, position) for name, position in positions), tuple(notes))


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))


def _checked_order(path: Path, order: Sequence[str], count: int) -> tuple[str, ...]:
    names = tuple(landmark_name_or_same(name.strip()) for name in order)
    if len(names) != count:
        raise invalid(
            path, None, f"The order names {len(names)} points but the file holds {count}", "Name every point once."
        )
    if "" in names or len(set(names)) < len(names):
        raise invalid(path, None, "The order holds a blank name, or a name twice", "Name every point once.")
    return names
