"""The list of seven points: what the scene says of it, and what is to be shown. Positions come and go as LPS mm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import slicer

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.review.state import Landmark, PointLps, ReviewState

_Markups = slicer.vtkMRMLMarkupsNode


@dataclass(frozen=True)
class SeenPoints:
    """The list as it is in the scene.

    Args:
        labels: of all points, in their order.
        positions_lps_mm: of points that have one.
        in_preview: labels of points that still hang on the mouse.
    """

    labels: tuple[str, ...]
    positions_lps_mm: Mapping[str, PointLps]
    in_preview: frozenset[str]

    @classmethod
    def of(cls, node: slicer.vtkMRMLMarkupsFiducialNode) -> SeenPoints:
        """Read the list."""
        count = node.GetNumberOfControlPoints()
        labels = tuple(node.GetNthControlPointLabel(index) for index in range(count))
        status = [node.GetNthControlPointPositionStatus(index) for index in range(count)]
        return cls(
            labels,
            {labels[n]: to_lps(node.GetNthControlPointPosition(n)) for n in range(count) if status[n] == _defined()},
            frozenset(labels[n] for n in range(count) if status[n] == _Markups.PositionPreview),
        )

    @property
    def is_whole(self) -> bool:
        """True when these are the seven, in their order."""
        return self.labels == LANDMARK_NAMES

    def differing(self, state: ReviewState) -> tuple[str, ...]:
        """Return the labels of landmarks that lie elsewhere than in the review, those on the mouse left out."""
        return tuple(
            one.label
            for one in state.landmarks
            if one.label not in self.in_preview and self.positions_lps_mm.get(one.label) != one.position_lps_mm
        )


def show_point(node: slicer.vtkMRMLMarkupsFiducialNode, landmark: Landmark) -> None:
    """Bring one point where the review has it; what is as it should be is not touched."""
    index = LANDMARK_NAMES.index(landmark.label)
    status = node.GetNthControlPointPositionStatus(index)
    if landmark.position_lps_mm is None:
        if status != _Markups.PositionUndefined:
            node.UnsetNthControlPointPosition(index)
    elif status != _defined() or to_lps(node.GetNthControlPointPosition(index)) != landmark.position_lps_mm:
        node.SetNthControlPointPosition(index, *to_ras(landmark.position_lps_mm))
    if bool(node.GetNthControlPointLocked(index)) != landmark.is_locked:
        node.SetNthControlPointLocked(index, landmark.is_locked)
    # The color of selected points is that of points still to be looked at.
    if bool(node.GetNthControlPointSelected(index)) == landmark.is_locked:
        node.SetNthControlPointSelected(index, not landmark.is_locked)
    if node.GetNthControlPointDescription(index) != landmark.state:
        node.SetNthControlPointDescription(index, landmark.state)


def to_lps(ras_mm: tuple[float, float, float]) -> PointLps:
    """Turn RAS mm to LPS mm, to the last digit."""
    return -ras_mm[0], -ras_mm[1], ras_mm[2]


def to_ras(lps_mm: PointLps) -> tuple[float, float, float]:
    """Turn LPS mm to RAS mm, to the last digit."""
    return -lps_mm[0], -lps_mm[1], lps_mm[2]


def _defined() -> int:
    return int(_Markups.PositionDefined)
