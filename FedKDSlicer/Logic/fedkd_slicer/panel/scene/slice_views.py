"""One click puts the slice views on a part of the root; one more brings them back to where they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import slicer

from fedkd.geometry import LPS_TO_RAS
from fedkd_slicer.panel.review.state import ReviewState
from fedkd_slicer.panel.scene.layout import shown_slices, slices
from fedkd_slicer.slice_planes import SlicePlanes, planes_of, review_planes
from fedkd_slicer.view_nodes import SlicePlace, show_slice
from fedkd_slicer.view_planes import FloatArray

SLICE_VIEWS = ("Red", "Green", "Yellow")
TARGETS = ("annulus", "RCO", "LCO", "septum")
_FIELD_MM, _SEPTUM_FIELD_MM = 90.0, 60.0  # as in the report's pictures


class HasState(Protocol):
    """Who knows where the landmarks are: `Desk`."""

    @property
    def state(self) -> ReviewState | None: ...


class SliceViews:
    """The three slice views.

    Args:
        desk: knows where the landmarks are.
    """

    def __init__(self, desk: HasState) -> None:
        self._desk = desk
        self._before: dict[str, SlicePlace] = {}

    @property
    def can_go_back(self) -> bool:
        """True when `back` has somewhere to go."""
        return bool(self._before)

    def show(self, target: str) -> None:
        """Put the views on one of ``TARGETS``. The wheel then moves along the plane's normal.

        Raises:
            NothingToShow: a landmark is missing for it; the message says which.
        """
        planes = planes_of(target, self._positions_ras_mm())
        nodes = shown_slices(SLICE_VIEWS)
        if not self._before:
            self._before = {name: SlicePlace.of(node) for name, node in nodes.items()}
        self._put(nodes, planes, _SEPTUM_FIELD_MM if target == "septum" else _FIELD_MM)

    def show_first(self, fallback_center_ras_mm: FloatArray) -> None:
        """Put the views where a review begins; there is no way back from there."""
        self.forget()
        planes = review_planes(self._positions_ras_mm(), fallback_center_ras_mm)
        self._put(shown_slices(SLICE_VIEWS), planes, _FIELD_MM)

    def back(self) -> None:
        """Put the views back to where they were before the first `show`."""
        nodes = slices(SLICE_VIEWS)
        for name, place in self._before.items():
            if name in nodes:
                place.restore(nodes[name])
        self.forget()

    def jump_to(self, label: str) -> None:
        """Move every slice view, whatever its direction, so that the landmark lies in it, in the middle."""
        position = self._positions_ras_mm().get(label)
        if position is not None:
            for node in shown_slices(SLICE_VIEWS).values():
                node.JumpSliceByCentering(*position)

    def forget(self) -> None:
        """Know of no way back, as when the case is closed."""
        self._before = {}

    def _positions_ras_mm(self) -> Mapping[str, FloatArray]:
        state = self._desk.state
        positions = {} if state is None else state.positions_lps_mm
        return {label: np.array(position) * LPS_TO_RAS for label, position in positions.items()}

    @staticmethod
    def _put(nodes: Mapping[str, slicer.vtkMRMLSliceNode], planes: SlicePlanes, field_mm: float) -> None:
        for name, plane in planes.items():
            if name in nodes:
                show_slice(nodes[name], plane, field_mm)
