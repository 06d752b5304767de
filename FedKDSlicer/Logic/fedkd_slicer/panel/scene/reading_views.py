"""Which planes an observer sees for each landmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fedkd.anatomy import HINGE_POINTS
from fedkd.geometry import LPS_TO_RAS
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.state import ReadingState
from fedkd_slicer.panel.scene.layout import shown_slices
from fedkd_slicer.panel.scene.slice_views import SLICE_VIEWS
from fedkd_slicer.slice_planes import SlicePlanes, review_planes
from fedkd_slicer.view_nodes import show_slice
from fedkd_slicer.view_planes import (
    FloatArray,
    RootFrame,
    ViewPlane,
    along_axis_view,
    annulus_view,
    root_frame,
)

# Above the hinge points of these cusps each landmark is looked for; the septum lies below the commissure between two.
_LOOKED_FOR_ABOVE = {"RCO": ("RCC",), "LCO": ("LCC",), "MS1": ("RCC", "NCC"), "MS2": ("RCC", "NCC")}


class ReadingViews:
    """Moves the slice views from landmark to landmark."""

    def __init__(self) -> None:
        self._middle_ras_mm = np.zeros(3)

    def begin(self, middle_ras_mm: FloatArray, state: ReadingState) -> None:
        """Show a CT from its middle, or from the landmarks that were placed."""
        self._middle_ras_mm = middle_ras_mm
        _put(review_planes(_positions_ras_mm(state), middle_ras_mm))

    def go_to(self, view: ReadingView) -> None:
        """Move to the current landmark: to its place, to where it is looked for, or stay where the last one was."""
        positions = _positions_ras_mm(view.state)
        planes = planes_to_look_in(view.current, positions)
        if planes is not None and view.current not in positions:
            _put(planes)
        elif view.current in positions:
            jump_to(positions[view.current])

    def show_annulus(self, state: ReadingState) -> bool:
        """Put the views on the annulus plane; False while a hinge point is missing for it."""
        positions = _positions_ras_mm(state)
        if root_frame(positions) is None:
            return False
        _put(review_planes(positions, self._middle_ras_mm))
        return True

    def show_standard(self, view: ReadingView) -> None:
        """Put the views on axial, coronal and sagittal planes through the current landmark, or the middle of all."""
        positions = _positions_ras_mm(view.state)
        center = positions.get(view.current)
        if center is None:
            center = np.mean(list(positions.values()), axis=0) if positions else self._middle_ras_mm
        _put(review_planes({}, center))


def planes_to_look_in(label: str, positions_ras_mm: Mapping[str, FloatArray]) -> SlicePlanes | None:
    """Return the planes in which an ostium or the septum is looked for; None: for a hinge point, or without all three.

    Red is the annulus plane; Green stands on it, and holds the root's axis and what the landmark is looked for above.
    """
    frame = root_frame(positions_ras_mm)
    if frame is None or label in HINGE_POINTS:
        return None
    above = np.mean([positions_ras_mm[name] for name in _LOOKED_FOR_ABOVE[label]], axis=0)
    green = along_axis_view(frame, above)
    return {"Red": annulus_view(frame), "Green": green, "Yellow": _across(frame, green, above)}


def jump_to(position_ras_mm: FloatArray) -> None:
    """Move every slice view, whatever its direction, so that the place lies in it, in the middle."""
    for node in shown_slices(SLICE_VIEWS).values():
        node.JumpSliceByCentering(*map(float, position_ras_mm))


def _across(frame: RootFrame, green: ViewPlane, above_ras_mm: FloatArray) -> ViewPlane:
    """Return the plane through the wall there, turned by a quarter about the axis."""
    height_mm = float((above_ras_mm - frame.center_ras_mm) @ frame.axis)
    return replace(
        ViewPlane(green.center_ras_mm, green.toward_viewer, green.up),
        center_ras_mm=above_ras_mm - height_mm * frame.axis,
    )


def _put(planes: SlicePlanes) -> None:
    for name, node in shown_slices(SLICE_VIEWS).items():
        show_slice(node, planes[name])


def _positions_ras_mm(state: ReadingState) -> dict[str, FloatArray]:
    return {label: np.array(position) * LPS_TO_RAS for label, position in state.positions_lps_mm.items()}
