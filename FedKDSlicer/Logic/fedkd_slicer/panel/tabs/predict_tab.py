"""The tab "Predict & Review": from a CT to a case that a reader has accepted."""

from __future__ import annotations

from pathlib import Path

from slicer.i18n import tr as _

from fedkd.errors import FedkdError
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.predict_cases import PredictCases
from fedkd_slicer.panel.tabs.predict_input import PredictInput
from fedkd_slicer.panel.tabs.predict_review import PredictReview
from fedkd_slicer.panel.tabs.predict_run import PredictRun, RunActions
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.case_lines import CaseLine
from fedkd_slicer.panel.worklist.prediction import HowFar, Order, Prediction
from fedkd_slicer.panel.worklist.scratch import Scratch


class PredictTab:
    """Wires input, run, list of cases and review; a watcher of the prediction."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._scratch = Scratch()
        self._prediction = Prediction(self)
        self.widget, self._ui = load_ui("PredictTab")
        self._trouble = TroubleBox()
        self._input = PredictInput(self._allow_or_not)
        self._run = PredictRun(RunActions(self._start, self._cancel, self._output_chosen))
        self._cases = PredictCases(self._case_chosen)
        self._ui.inputLayout.addWidget(self._input.widget)
        for part in (self._run.widget, self._trouble.widget, self._cases.widget):
            self._ui.runLayout.addWidget(part)
        self._review = PredictReview(self._ui.nothingToReview, self._open_case_changed)
        self._ui.reviewLayout.insertWidget(0, self._review.trouble.widget)
        shared.desk.add(self._review)
        shared.pulse.add(self._prediction.look, lambda: self._prediction.is_running)

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Predict && Review")

    def enter(self) -> None:
        """Show what may have changed meanwhile."""
        self._run.set_output(self._shared.settings.output_folder)
        self._input.enter()

    def exit(self) -> None:
        """Go on working, unseen."""

    def scene_closed(self) -> None:
        """The prediction goes on; the open case is closed with the scene."""
        self._shared.desk.close()

    def cleanup(self) -> None:
        """End the run and take copies of CTs away."""
        self._prediction.close()
        self._scratch.clear()

    # ---- what the user does

    def _start(self) -> None:
        given, settings = self._input.chosen(), self._shared.settings
        if given is None or self._prediction.is_running:
            return
        self._trouble.clear()
        output = settings.output_folder
        try:
            inputs = given.paths(self._scratch, output)
        except FedkdError as error:
            self._trouble.show(Trouble.of(error))
            return
        order = Order(inputs, output, settings.model, settings.device, settings.backend)
        self._run.show_started()
        self._prediction.start(settings.engine_python(), order)
        self._allow_or_not()
        self._shared.pulse.wake()

    def _cancel(self) -> None:
        self._run.show_cancelling()
        self._prediction.cancel()

    def _output_chosen(self, folder: Path) -> None:
        if self._run.output:
            self._shared.settings.output_folder = folder
        self._allow_or_not()

    def _case_chosen(self, line: CaseLine) -> None:
        if line.trouble is not None:
            self._trouble.show(line.trouble)
        elif line.can_be_opened:
            self._open(line)

    def _open_case_changed(self) -> None:
        case = self._shared.desk.case
        if case is not None:
            self._prediction.cases.look_again(case.folder)
        self.cases_changed()

    def _open(self, line: CaseLine) -> None:
        self._review.trouble.clear()
        self._shared.desk.open(line.folder, line.ct)
        self._shared.pulse.wake()

    def _allow_or_not(self) -> None:
        running = self._prediction.is_running
        self._input.set_enabled(not running)
        self._run.allow(self._why_not())

    def _why_not(self) -> str:
        if self._prediction.is_running:
            return _("A prediction is running.")
        if self._input.chosen() is None:
            return _("Choose a CT first.")
        if not self._run.output:
            return _("Choose a folder for the results first.")
        return ""

    # ---- as the prediction's watcher

    def cases_changed(self) -> None:
        """Show the list anew."""
        case = self._shared.desk.case
        self._cases.show(self._prediction.cases.all, None if case is None else case.folder)

    def went_on(self, how_far: HowFar) -> None:
        """Show how far it is."""
        self._run.show(how_far)

    def case_finished(self, folder: Path) -> None:
        """Open the case, where the reader is not busy with another."""
        line = self._prediction.cases.of(folder)
        if line is not None and not self._shared.desk.is_at_work:
            self._open(line)

    def ended(self, trouble: Trouble | None, cancelled: bool) -> None:
        """Show how it ended."""
        text = _("Cancelled. Finished cases are kept.") if cancelled else ""
        if trouble is None and not cancelled:
            text = _("Done.")
        self._run.show_idle(text)
        if trouble is not None:
            self._trouble.show(trouble)
        self._allow_or_not()
