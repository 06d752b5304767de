"""Chooses how a C-arm sees the root: along the S-curve, or one of the two named views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from fedkd.measurement.catalog import CUSP_OVERLAP, THREE_CUSP
from fedkd.measurement.wording import shown_c_arm
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.ui_files import load_ui

# Turns the 3D view to LAO and cranial degrees; False where that cannot be shown.
Turn = Callable[[float, float], bool]


class ReviewCArm:
    """An onlooker of the desk.

    Args:
        turn: turns the 3D view.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._named: dict[str, Any] = {}
        self._cranial_deg: dict[int, float] = {}
        self._is_showing = False
        self.widget, self._ui = load_ui("ReviewCArm")
        self._ui.threeCuspButton.connect("clicked()", lambda: self._turn_to_named(THREE_CUSP))
        self._ui.cuspOverlapButton.connect("clicked()", lambda: self._turn_to_named(CUSP_OVERLAP))
        self._ui.sCurveSlider.connect("valueChanged(int)", self._slid)
        self._show_curve(None)

    def forget_turn(self) -> None:
        """The view was turned by other means."""
        self._ui.cArmAngles.text = (
            _("Slide to turn the 3D view as a C-arm, with the annulus seen from its side.")
            if self._cranial_deg
            else _("C-arm views need the three hinge points.")
        )

    def case_opened(self, case: OpenedCase) -> None:
        """`measurements_changed` follows."""

    def review_changed(self, review: Review) -> None:
        """`measurements_changed` follows where it matters."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Take the S-curve of the landmarks as they lie; the 3D view stays where the reader has it."""
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
        before, self._cranial_deg = self._cranial_deg, {round(view["lao_deg"]): view["cranial_deg"] for view in curve}
        self._named = {} if shapes is None else shapes["named_views"]
        self._offer(self._ui.threeCuspButton, _("Three-cusp view"), THREE_CUSP)
        self._offer(self._ui.cuspOverlapButton, _("Cusp-overlap view"), CUSP_OVERLAP)
        self._ui.sCurveSlider.setEnabled(bool(curve))
        if before != self._cranial_deg:
            self.forget_turn()

    def _offer(self, button: qt.QPushButton, title: str, name: str) -> None:
        view = self._named.get(name)
        button.setEnabled(view is not None)
        button.text = title if view is None else f"{title}\n{shown_c_arm(view['lao_deg'], view['cranial_deg'])}"

    def _turn_to_named(self, name: str) -> None:
        view = self._named[name]
        self._is_showing = True
        self._ui.sCurveSlider.setValue(round(view["lao_deg"]))
        self._is_showing = False
        self._turn_to(view["lao_deg"], view["cranial_deg"])

    def _slid(self, lao_deg: int) -> None:
        if not self._is_showing and lao_deg in self._cranial_deg:
            self._turn_to(float(lao_deg), self._cranial_deg[lao_deg])

    def _turn_to(self, lao_deg: float, cranial_deg: float) -> None:
        if self._turn(lao_deg, cranial_deg):
            text = _("The 3D view shows {angles}.")
            self._ui.cArmAngles.text = text.format(angles=shown_c_arm(lao_deg, cranial_deg))
