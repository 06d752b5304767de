"""The 3D view as a C-arm would show the root: from an angle, in parallel projection."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.angles import detector_direction_lps
from fedkd.measurement.shapes import CArmView
from fedkd_slicer.panel.scene.layout import first_three_d, shown_three_d
from fedkd_slicer.panel.scene.slice_views import HasState
from fedkd_slicer.slice_planes import NothingToShow
from fedkd_slicer.view_nodes import CameraPlace, aim_camera
from fedkd_slicer.view_planes import c_arm_view, root_frame

_HALF_HEIGHT_MM = 45.0


class CArmViews:
    """The first 3D view.

    Args:
        desk: knows where the landmarks are.
    """

    def __init__(self, desk: HasState) -> None:
        self._desk = desk
        self._named: dict[str, CArmView] = {}
        self._before: CameraPlace | None = None
        self._before_case: CameraPlace | None = None

    @property
    def named(self) -> dict[str, CArmView]:
        """The views that were measured: ``three-cusp`` and ``cusp overlap``, as far as there are."""
        return dict(self._named)

    @property
    def can_go_back(self) -> bool:
        """True when `back` has somewhere to go."""
        return self._before is not None

    def measured(self, shapes: dict[str, Any] | None) -> None:
        """Take the named views of the shapes that were measured."""
        told = {} if shapes is None else shapes["named_views"]
        self._named = {name: CArmView(view["lao_deg"], view["cranial_deg"]) for name, view in told.items()}

    def show_named(self, name: str) -> CArmView:
        """Show one of `named`; return its angles.

        Raises:
            NothingToShow: it was not measured.
        """
        if name not in self._named:
            raise NothingToShow(f"The {name} view needs the hinge points RCC, LCC and NCC. Place them first.")
        view = self._named[name]
        self.show(view.lao_deg, view.cranial_deg)
        return view

    def show_first(self) -> None:
        """Look at the root from the front, where a review begins; without three hinge points nothing is turned."""
        try:
            self.show(0.0, 0.0)
        except NothingToShow:
            return
        self._before_case, self._before = self._before, None

    def show(self, lao_deg: float, cranial_deg: float) -> None:
        """Look from where the detector stands: LAO and cranial positive, RAO and caudal negative.

        Raises:
            NothingToShow: without three hinge points nobody knows where the root is.
        """
        state = self._desk.state
        positions = {} if state is None else state.positions_lps_mm
        frame = root_frame({label: np.array(at) * LPS_TO_RAS for label, at in positions.items()})
        if frame is None:
            raise NothingToShow("The C-arm view needs RCC, LCC and NCC, not on one line. Place them first.")
        widget = shown_three_d()
        camera, view_node = widget.threeDView().cameraNode(), widget.mrmlViewNode()
        if self._before is None:
            self._before = CameraPlace.of(camera, view_node)
        toward_detector = detector_direction_lps(CArmView(lao_deg, cranial_deg)) * LPS_TO_RAS
        aim_camera(camera, c_arm_view(frame, toward_detector))
        view_node.SetRenderMode(slicer.vtkMRMLViewNode.Orthographic)
        # Their letters, as large as the root, would stand before it.
        view_node.SetBoxVisible(False)
        view_node.SetAxisLabelsVisible(False)
        view_node.SetOrientationMarkerType(slicer.vtkMRMLAbstractViewNode.OrientationMarkerTypeHuman)
        camera.SetParallelScale(_HALF_HEIGHT_MM)
        camera.ResetClippingRange()

    def back(self) -> None:
        """Put the camera back to where it was before the first `show`."""
        before, self._before = self._before, None
        if before is not None:
            _restore(before)

    def leave(self) -> None:
        """Put the camera back to where it was before the review began."""
        before, self._before_case = self._before_case, None
        self.back()
        if before is not None:
            _restore(before)

    def forget(self) -> None:
        """Know of no views and no way back, as when the case is closed."""
        self._before, self._before_case, self._named = None, None, {}


def _restore(before: CameraPlace) -> None:
    widget = first_three_d()
    if widget is not None:
        before.restore(widget.threeDView().cameraNode(), widget.mrmlViewNode())
