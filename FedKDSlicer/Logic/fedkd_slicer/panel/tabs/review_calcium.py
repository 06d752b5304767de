"""From what brightness on a voxel may be calcium: above the contrast, or a number of HU."""

from __future__ import annotations

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.review.desk import Desk, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.review_rest import AtRest
from fedkd_slicer.panel.tabs.review_says import Says, attempt
from fedkd_slicer.panel.ui_files import load_ui

ABOVE_LUMEN = "lumen+100"
_KEY = "calcium_threshold_hu"
_REST_S = 0.4


class ReviewCalcium:
    """An onlooker of the desk.

    Args:
        desk: has the open case.
        pulse: looks whether the slider rests; only there it is measured.
        says: shows why something cannot be done.
    """

    def __init__(self, desk: Desk, pulse: Pulse, says: Says) -> None:
        self._desk = desk
        self._says = says
        self._is_showing = False
        self._at_rest = AtRest(pulse, _REST_S, self._set)
        self._measured_hu: float | None = None
        self.widget, self._ui = load_ui("ReviewCalcium")
        self._ui.followsContrast.connect("toggled(bool)", self._follow_contrast)
        self._ui.calciumThreshold.connect("valueChanged(double)", self._slid)

    def case_opened(self, case: OpenedCase) -> None:
        """`review_changed` follows."""

    def review_changed(self, review: Review) -> None:
        """Show the threshold of the review, unless the reader is about to change it."""
        if not self._at_rest.is_waiting:
            self._show(review.state.calcium_threshold)

    def measurements_changed(self, measurements: Measurements) -> None:
        """Show what the threshold came to."""
        line = next((line for line in measurements.lines if line.key == _KEY), None)
        self._measured_hu = line.value if line is not None and isinstance(line.value, float) else None
        if not self._at_rest.is_waiting and self._ui.followsContrast.checked:
            self._show(ABOVE_LUMEN)

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Whatever the slider was about to do belongs to no case any more."""
        self._at_rest.forget()

    def set_now(self) -> None:
        """Do not wait for the hand to rest: the case is about to be closed."""
        self._at_rest.now()

    def _show(self, threshold: str) -> None:
        follows = threshold == ABOVE_LUMEN
        hu = self._measured_hu if follows else float(threshold)
        self._is_showing = True
        self._ui.followsContrast.setChecked(follows)
        self._ui.calciumThreshold.setEnabled(not follows)
        if hu is not None:
            self._ui.calciumThreshold.setValue(hu)
        self._is_showing = False

    def _follow_contrast(self, follows: bool) -> None:
        self._ui.calciumThreshold.setEnabled(not follows)
        self._want(ABOVE_LUMEN if follows else str(round(self._ui.calciumThreshold.value)))

    def _slid(self, hu: float) -> None:
        self._want(str(round(hu)))

    def _want(self, threshold: str) -> None:
        if not self._is_showing:
            self._at_rest.want(threshold)

    def _set(self, threshold: str) -> None:
        attempt(lambda: self._desk.set_calcium_threshold(threshold), self._says)
