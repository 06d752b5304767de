"""Chooses how a C-arm sees the root: along the S-curve, or one of the two named views."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from fedkd.measurement.catalog import CUSP_OVERLAP, THREE_CUSP
from fedkd.measurement.wording import shown_c_arm
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.review_protocols import Views
from fedkd_slicer.panel.ui_files import load_ui


class ReviewCArm:
    """An onlooker of the desk.

    Args:
        views: turns the 3D view.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self._named: dict[str, Any] = {}
        self._cranial_deg: dict[int, float] = {}
        self._is_showing = False
        self.widget, self._ui = load_ui("ReviewCArm")
        self._ui.threeCuspButton.connect("clicked()", lambda: self._turn_to(THREE_CUSP))
        self._ui.cuspOverlapButton.connect("clicked()", lambda: self._turn_to(CUSP_OVERLAP))
        self._ui.sCurveSlider.connect("valueChanged(int)", self._slid)
        self._show_curve(None)

    def case_opened(self, case: OpenedCase) -> None:
        """`measurements_changed` follows."""

    def review_changed(self, review: Review) -> None:
        """`measurements_changed` follows where it matters."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Take the S-curve of the landmarks as they lie."""
        self._show_curve(measurements.shapes)

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """There is no curve."""
        self._show_curve(None)

    def _show_curve(self, shapes: dict[str, Any] | None) -> None:
        curve = [] if shapes is None else shapes["s_curve"]
        self._cranial_deg = {round(view["lao_deg"]): view["cranial_deg"] for view in curve}
        self._named = {} if shapes is None else shapes["named_views"]
        self._ui.threeCuspButton.setEnabled(THREE_CUSP in self._named)
        self._ui.cuspOverlapButton.setEnabled(CUSP_OVERLAP in self._named)
        self._ui.sCurveSlider.setEnabled(bool(self._cranial_deg))
        self._ui.cArmAngles.text = (
            _("Slide to see the root from the side, as a C-arm does.")
            if self._cranial_deg
            else _("C-arm views need the three hinge points.")
        )

    def _turn_to(self, name: str) -> None:
        view = self._named[name]
        self._is_showing = True
        self._ui.sCurveSlider.setValue(round(view["lao_deg"]))
        self._is_showing = False
        self._turn(view["lao_deg"], view["cranial_deg"])

    def _slid(self, lao_deg: int) -> None:
        if not self._is_showing and lao_deg in self._cranial_deg:
            self._turn(float(lao_deg), self._cranial_deg[lao_deg])

    def _turn(self, lao_deg: float, cranial_deg: float) -> None:
        self._ui.cArmAngles.text = shown_c_arm(lao_deg, cranial_deg)
        self._views.show_c_arm(lao_deg, cranial_deg)
