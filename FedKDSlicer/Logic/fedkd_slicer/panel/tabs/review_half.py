"""The review: everything that is shown of an open case, and what the reader can do to it."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.case_run import CaseRun, RunListener
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Onlooker, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_calcium import ReviewCalcium
from fedkd_slicer.panel.tabs.review_case_line import ReviewCaseLine
from fedkd_slicer.panel.tabs.review_decision import ReviewDecision
from fedkd_slicer.panel.tabs.review_export import ExportSource, ReviewExport
from fedkd_slicer.panel.tabs.review_finish import ReviewFinish
from fedkd_slicer.panel.tabs.review_keys import review_keys
from fedkd_slicer.panel.tabs.review_landmarks import ReviewLandmarks
from fedkd_slicer.panel.tabs.review_measurements import ReviewMeasurements
from fedkd_slicer.panel.tabs.review_protocols import MakeScene
from fedkd_slicer.panel.tabs.review_selection import Selection
from fedkd_slicer.panel.tabs.review_views import ReviewViews
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.ui_files import load_ui

_STATUS_MS = 8000


class ReviewHalf:
    """The lower half of the tab "Predict & Review"; an onlooker of the desk, and the scene's listener.

    Args:
        shared: settings, timer and desk.
        make_scene: makes what shows the open case in scene and views.
    """

    def __init__(self, shared: Shared, make_scene: MakeScene) -> None:
        desk, pulse = shared.desk, shared.pulse
        self._shared = shared
        self._is_seen = False
        self.widget, self._ui = load_ui("ReviewHalf")
        self._trouble = TroubleBox()
        self._selection = Selection()
        self._scene = make_scene(self)
        slices, c_arm, points = self._scene.slices, self._scene.c_arm, self._scene.landmarks
        actions = LandmarkActions(desk, self._selection, points, self.told)
        self._keys = review_keys(self._selection, actions)
        self._case_line = ReviewCaseLine(actions)
        self._views = ReviewViews(slices, c_arm, self.told)
        self._landmarks = ReviewLandmarks(self._selection, actions, points)
        self._calcium = ReviewCalcium(desk, pulse, self.told)
        self._measurements = ReviewMeasurements()
        self._decision = ReviewDecision(desk, lambda: shared.settings.reader_code, pulse, self.told)
        self._export = ReviewExport(self._export_source(), pulse)
        self._finish = ReviewFinish(desk, self._start_run, pulse, self._before_finish)
        self._lay_out()
        # The scene first: what the widgets do next may be about what it shows.
        onlookers: tuple[Onlooker, ...] = (self._scene, self._case_line, self._views.c_arm, self._landmarks)
        for onlooker in (*onlookers, self._calcium, self._measurements, self._decision, self):
            desk.add(onlooker)
        self._selection.on_visit(slices.jump_to)
        pulse.add(self._look, lambda: desk.case is not None)
        self.told("")
        self._show_whether_open(is_open=False)

    @property
    def is_finishing(self) -> bool:
        """True while a case is being finished: it is closed meanwhile, and opened again after."""
        return self._finish.is_running

    def enter(self) -> None:
        """The tab is seen from now on."""
        self._is_seen = True
        self._decision.show_reader()
        self._listen_or_not()

    def exit(self) -> None:
        """The tab is not seen any more: keys and clicks belong to others."""
        self._is_seen = False
        self._scene.landmarks.stop_placing()
        self._listen_or_not()

    def cleanup(self) -> None:
        """End what runs, and leave the scene."""
        self.exit()
        self._finish.close()
        self._export.close()
        self._scene.close()

    def offer_export(self, *, any_finished: bool) -> None:
        """Let cases be exported, where any are finished."""
        self._export.show_whether_any(any_finished=any_finished)

    # ---- as the scene's listener

    def told(self, text: str) -> None:
        """Show one line to the reader; empty: nothing."""
        self._ui.saysLine.text = text
        self._ui.saysLine.setVisible(bool(text))
        if text:
            # Whoever has scrolled down, or looks at the views, sees it there.
            slicer.util.showStatusMessage(text, _STATUS_MS)

    def landmark_picked(self, label: str) -> None:
        """Be at the landmark that the reader has taken hold of."""
        self._selection.mark(label)

    def case_lost(self, text: str) -> None:
        """Close the case; say why."""
        self.write_now()
        self._shared.desk.close()
        self.told(text)

    # ---- as an onlooker

    def case_opened(self, case: OpenedCase) -> None:
        """Show the review."""
        self.told("")
        self._trouble.clear()
        self._show_whether_open(is_open=True)
        if self._is_seen:
            # Keys go to the landmarks, and not to whatever was pressed or typed into last.
            self._landmarks.take_focus()

    def review_changed(self, review: Review) -> None:
        """Its parts show that."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Its parts show that."""

    def save_state_changed(self, state: SaveState) -> None:
        """Its parts show that."""

    def troubled(self, trouble: Trouble) -> None:
        """Show what went wrong, where, and what to do."""
        self._trouble.show(trouble)

    def case_closed(self) -> None:
        """There is nothing to review."""
        self._show_whether_open(is_open=False)

    # ---- inside

    def _lay_out(self) -> None:
        for layout, part in (
            (self._ui.troubleLayout, self._trouble),
            (self._ui.caseLineLayout, self._case_line),
            (self._ui.viewsLayout, self._views),
            (self._ui.landmarksLayout, self._landmarks),
            (self._ui.measurementsLayout, self._calcium),
            (self._ui.measurementsLayout, self._measurements),
            (self._ui.decisionLayout, self._decision),
            (self._ui.finishLayout, self._finish),
            (self._ui.exportLayout, self._export),
        ):
            layout.addWidget(part.widget)

    def _look(self) -> None:
        # Place mode ends by a click or Escape, and views are turned by the mouse: nobody tells.
        self._landmarks.show_placing()
        self._views.allow_back()

    def _show_whether_open(self, *, is_open: bool) -> None:
        self._ui.openCase.setVisible(is_open)
        self._finish.widget.setVisible(is_open or self._finish.is_running)
        self._export.show_whether_open(is_open=is_open)
        self._listen_or_not()

    def _listen_or_not(self) -> None:
        if self._is_seen and self._shared.desk.case is not None:
            self._keys.start()
        else:
            self._keys.stop()

    def write_now(self) -> None:
        """Take what is being typed or slid as done: the case is about to be left."""
        self._calcium.set_now()
        self._decision.write_now()

    def _before_finish(self) -> None:
        self.told("")
        self.write_now()

    def _export_source(self) -> ExportSource:
        desk, settings = self._shared.desk, self._shared.settings
        return ExportSource(
            open_case=lambda: None if desk.case is None else desk.case.folder,
            results=lambda: settings.output_folder,
            why_not_now=self._why_not_export,
        )

    def _why_not_export(self) -> str:
        self.write_now()
        if self._finish.is_running:
            return _("A case is being finished. Export when it is done.")
        return "" if self._shared.desk.is_saved else _("The review is not saved yet. Try again in a moment.")

    def _start_run(self, arguments: tuple[str, ...], listener: RunListener) -> CaseRun:
        return CaseRun(self._shared.settings.engine_python(), arguments, listener)
