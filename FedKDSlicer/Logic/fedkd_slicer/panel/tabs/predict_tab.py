"""The tab "Predict & Review": from a CT to a case that a reader has accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.predict_cases import PredictCases
from fedkd_slicer.panel.tabs.predict_input import PredictInput
from fedkd_slicer.panel.tabs.predict_model import PredictModel
from fedkd_slicer.panel.tabs.predict_review import PredictReview
from fedkd_slicer.panel.tabs.predict_run import PredictRun, RunActions
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.case_lines import CaseLine
from fedkd_slicer.panel.worklist.given import Given
from fedkd_slicer.panel.worklist.prediction import HowFar, Order, Prediction
from fedkd_slicer.panel.worklist.preparing import CannotStart, ready_engine, taken_inputs
from fedkd_slicer.panel.worklist.sample_ct import SampleCt, SampleTold
from fedkd_slicer.panel.worklist.scratch import Scratch


class PredictTab:
    """Wires input, run, list of cases and review; a watcher of the prediction.

    Args:
        shared: settings, timer and desk.
        show_model: is told the id of the chosen model.
    """

    def __init__(self, shared: Shared, show_model: Callable[[str], None]) -> None:
        self._shared = shared
        self._scratch = Scratch()
        self._prediction = Prediction(self)
        self._sample = SampleCt(SampleTold(self._sample_made, self._sample_failed))
        self.widget, self._ui = load_ui("PredictTab")
        self._trouble = TroubleBox()
        self._is_reviewing = False
        self._input = PredictInput(self._input_changed, self._make_sample)
        self._run = PredictRun(RunActions(self._start, self._cancel, self._output_chosen))
        self._model = PredictModel(self._run.model_selector, shared, show_model)
        self._cases = PredictCases(self._case_chosen)
        self._ui.inputLayout.addWidget(self._input.widget)
        for part in (self._run.widget, self._trouble.widget, self._cases.widget):
            self._ui.runLayout.addWidget(part)
        self._review = PredictReview(self._ui.nothingToReview, shared, self._volume_of, self._list_cases)
        self._ui.reviewLayout.addWidget(self._review.widget)
        shared.pulse.add(self._prediction.look, lambda: self._prediction.is_running)
        shared.pulse.add(self._sample.look, lambda: self._sample.is_running)

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Predict && Review")

    @property
    def trouble(self) -> Trouble | None:
        """What a run ended with, while it is shown."""
        return self._trouble.shown

    def enter(self) -> None:
        """Show what may have changed meanwhile."""
        self._run.set_output(self._shared.settings.output_folder)
        self._list_cases()
        self._input.enter()
        self._allow_or_not()
        self._model.enter()
        self._review.enter()

    def exit(self) -> None:
        """Go on working, unseen."""
        self._review.exit()

    def scene_closed(self) -> None:
        """A run goes on: it has a copy of its CT. The open case is closed with the scene, by who shows it there."""
        self._allow_or_not()

    def cleanup(self) -> None:
        """End what runs, and take copies of CTs away."""
        self._prediction.close()
        self._sample.close()
        self._model.cleanup()
        self._review.cleanup()
        self._scratch.clear()

    # ---- what the user does

    def _start(self) -> None:
        given = self._input.chosen()
        if given is not None and not self._is_busy:
            self._try(lambda: self._predict(given))

    def _predict(self, given: Given) -> None:
        settings = self._shared.settings
        python = ready_engine(settings)
        output = settings.output_folder.resolve()
        inputs = taken_inputs(given, self._scratch, output)
        order = Order(inputs, output, settings.model, settings.device, settings.backend, self._input.volume_id)
        self._run.show_started(_("Looking at the CT ..."))
        self._prediction.start(python, order)

    def _make_sample(self) -> None:
        if not self._is_busy:
            self._try(self._begin_sample)

    def _begin_sample(self) -> None:
        settings = self._shared.settings
        python = ready_engine(settings)
        self._run.show_started(_("Making a synthetic CT. This takes about a minute."))
        self._sample.start(python, settings.output_folder.resolve())

    def _try(self, begin: Callable[[], None]) -> None:
        self._trouble.clear()
        try:
            begin()
        except CannotStart as reason:
            self._trouble.show(reason.trouble)
        self._allow_or_not()
        self._shared.pulse.wake()

    def _cancel(self) -> None:
        self._run.show_cancelling()
        self._prediction.cancel()
        self._sample.cancel()

    def _output_chosen(self, folder: Path) -> None:
        if self._run.output:
            self._shared.settings.output_folder = folder
            self._list_cases()
        self._allow_or_not()

    def _case_chosen(self, line: CaseLine) -> None:
        if line.trouble is not None:
            self._trouble.show(line.trouble)
        elif line.can_be_opened:
            self._open(line)

    # ---- the open case

    def _open(self, line: CaseLine) -> None:
        self._review.write_now()
        ct = line.origin.ct
        # A copy that was made for the engine may be gone; the case's own scene has the CT, too.
        self._shared.desk.open(line.folder, ct if ct is not None and ct.exists() else None)
        self._shared.pulse.wake()
        self.cases_changed()

    def _volume_of(self, case: OpenedCase) -> slicer.vtkMRMLScalarVolumeNode | None:
        line = self._prediction.cases.of(case.folder)
        if line is None or not line.origin.volume_id:
            return None
        return slicer.mrmlScene.GetNodeByID(line.origin.volume_id)

    # ---- what is shown

    @property
    def _is_busy(self) -> bool:
        return self._prediction.is_running or self._sample.is_running

    def _list_cases(self) -> None:
        self._prediction.cases.look_into(self._shared.settings.output_folder.resolve())
        self.cases_changed()

    def _input_changed(self) -> None:
        self._trouble.clear()
        self._run.forget_end()
        self._allow_or_not()

    def _allow_or_not(self) -> None:
        self._input.set_enabled(not self._is_busy)
        self._run.allow(self._why_not())

    def _why_not(self) -> str:
        if self._is_busy:
            return _("Wait until this has ended, or cancel it.")
        if self._input.chosen() is None:
            return _("Choose a CT first.")
        if not self._run.output:
            return _("Choose a folder for the results first.")
        return ""

    def _show_end(self, text: str, trouble: Trouble | None) -> None:
        self._run.show_idle(text)
        if trouble is not None:
            self._trouble.show(trouble)
        self._allow_or_not()

    # ---- as the prediction's watcher

    def cases_changed(self) -> None:
        """Show the list anew; choosing a CT makes room for the review of an open case."""
        case = self._shared.desk.case
        if self._is_reviewing != (case is not None):
            self._is_reviewing = case is not None
            self._ui.inputSection.collapsed = self._is_reviewing
        cases = self._prediction.cases.all
        self._cases.show(cases, None if case is None else case.folder)
        self._review.offer_export(any_finished=any(line.can_be_opened for line in cases))

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
        text = _("Done.") if trouble is None else ""
        self._show_end(_("Cancelled. Cases that were finished are kept.") if cancelled else text, trouble)

    # ---- as who hears of the sample

    def _sample_made(self, file: Path) -> None:
        self._input.choose_file(file)
        self._show_end(_('A synthetic CT was made and chosen. Press "Predict".'), None)

    def _sample_failed(self, trouble: Trouble | None) -> None:
        self._show_end("" if trouble else _("Cancelled."), trouble)
