"""The review: everything that is shown of an open case, and what the reader can do to it."""

from __future__ import annotations

from fedkd_slicer.panel.engine.case_run import CaseRun, RunListener
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_c_arm import ReviewCArm
from fedkd_slicer.panel.tabs.review_calcium import ReviewCalcium
from fedkd_slicer.panel.tabs.review_case_line import ReviewCaseLine
from fedkd_slicer.panel.tabs.review_decision import ReviewDecision
from fedkd_slicer.panel.tabs.review_finish import ReviewFinish
from fedkd_slicer.panel.tabs.review_keys import ReviewKeys
from fedkd_slicer.panel.tabs.review_landmarks import ReviewLandmarks
from fedkd_slicer.panel.tabs.review_measurements import ReviewMeasurements
from fedkd_slicer.panel.tabs.review_protocols import Views
from fedkd_slicer.panel.tabs.review_selection import Selection
from fedkd_slicer.panel.tabs.review_views import ReviewViews
from fedkd_slicer.panel.ui_files import load_ui


class ReviewHalf:
    """The lower half of the tab "Predict & Review"; an onlooker of the desk, as are its parts.

    Args:
        shared: settings, timer and desk.
        views: turns Slicer's views.
    """

    def __init__(self, shared: Shared, views: Views) -> None:
        self._shared = shared
        self._is_seen = False
        self.widget, self._ui = load_ui("ReviewHalf")
        self._case_line = ReviewCaseLine()
        self.say = self._case_line.say
        selection = Selection()
        actions = LandmarkActions(shared.desk, selection, views, self.say)
        self._case_line.connect(actions)
        self._keys = ReviewKeys(selection, actions)
        self._finish = ReviewFinish(shared.desk, self._start_run, shared.pulse, self.say)
        self._decision = ReviewDecision(shared.desk, lambda: shared.settings.reader_code, self.say)
        landmarks, measurements = ReviewLandmarks(selection, actions), ReviewMeasurements()
        calcium, c_arm = ReviewCalcium(shared.desk, shared.pulse, self.say), ReviewCArm(views)
        turns = ReviewViews(views)
        turns.add_below(c_arm.widget)
        self._ui.caseLineLayout.addWidget(self._case_line.widget)
        self._ui.viewsLayout.addWidget(turns.widget)
        self._ui.landmarksLayout.addWidget(landmarks.widget)
        self._ui.decisionLayout.addWidget(self._decision.widget)
        self._ui.measurementsLayout.addWidget(calcium.widget)
        self._ui.measurementsLayout.addWidget(measurements.widget)
        self._ui.finishLayout.addWidget(self._finish.widget)
        for part in (self._case_line, landmarks, self._decision, calcium, measurements, c_arm, self):
            shared.desk.add(part)
        selection.add(views.jump_to)
        self._show_whether_open(is_open=False)

    def enter(self) -> None:
        """The tab is seen from now on."""
        self._is_seen = True
        self._decision.show_reader()
        self._listen_or_not()

    def exit(self) -> None:
        """The tab is not seen any more: keys belong to others."""
        self._is_seen = False
        self._listen_or_not()

    def cleanup(self) -> None:
        """End what runs."""
        self.exit()
        self._finish.close()

    # ---- as an onlooker

    def case_opened(self, case: OpenedCase) -> None:
        """Show the review."""
        self._show_whether_open(is_open=True)

    def review_changed(self, review: Review) -> None:
        """Its parts show that."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Its parts show that."""

    def save_state_changed(self, state: SaveState) -> None:
        """Its parts show that."""

    def troubled(self, trouble: Trouble) -> None:
        """Its parts show that."""

    def case_closed(self) -> None:
        """There is nothing to review."""
        self._show_whether_open(is_open=False)

    def _show_whether_open(self, *, is_open: bool) -> None:
        self._ui.openCase.setVisible(is_open)
        self._finish.widget.setVisible(is_open or self._finish.is_running)
        self._listen_or_not()

    def _listen_or_not(self) -> None:
        if self._is_seen and self._shared.desk.case is not None:
            self._keys.start()
        else:
            self._keys.stop()

    def _start_run(self, arguments: tuple[str, ...], listener: RunListener) -> CaseRun:
        return CaseRun(self._shared.settings.engine_python(), arguments, listener)
