"""Starts a prediction, shows how far it is, and stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ctk
import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.prediction import HowFar

_STEPS = 1000


@dataclass(frozen=True)
class RunActions:
    """What the buttons do."""

    run: Callable[[], None]
    cancel: Callable[[], None]
    output_chosen: Callable[[Path], None]


class PredictRun:
    """Model, output folder, the button, and the progress."""

    def __init__(self, actions: RunActions) -> None:
        self.widget, self._ui = load_ui("PredictRun")
        self._is_running = False
        self._why_not = self._end = ""
        ui = self._ui
        ui.outputFolder.filters = ctk.ctkPathLineEdit.Dirs | ctk.ctkPathLineEdit.Writable
        ui.runButton.connect("clicked()", actions.run)
        ui.cancelButton.connect("clicked()", actions.cancel)
        ui.outputFolder.connect("currentPathChanged(QString)", lambda path: actions.output_chosen(Path(path)))
        self.show_idle("")

    @property
    def output(self) -> str:
        """The folder for the results, as it is written there."""
        return self._ui.outputFolder.currentPath.strip()

    @property
    def model_selector(self) -> qt.QComboBox:
        """Where the model is chosen."""
        return self._ui.modelSelector

    def set_output(self, folder: Path) -> None:
        """Show the folder for the results."""
        if self._ui.outputFolder.currentPath != str(folder):
            self._ui.outputFolder.setCurrentPath(str(folder))

    def allow(self, why_not: str) -> None:
        """Let it be started, or say why not."""
        self._ui.runButton.setEnabled(not why_not)
        self._ui.runButton.toolTip = why_not
        self._why_not = why_not
        if not self._is_running:
            self._show_text(self._end or why_not)

    def show_idle(self, text: str) -> None:
        """Nothing runs; ``text`` says how it ended, until `forget_end`."""
        self._show_running(False)
        self._end = text
        self._show_text(text or self._why_not)

    def forget_end(self) -> None:
        """The user goes on to something else."""
        self._end = ""

    def show_started(self, text: str) -> None:
        """It has been started; ``text`` is shown until there is progress."""
        self._show_running(True)
        self._ui.cancelButton.setEnabled(True)
        self._ui.progressBar.setValue(0)
        self._show_text(text)

    def show_cancelling(self) -> None:
        """It has been asked to stop."""
        self._ui.cancelButton.setEnabled(False)
        self._ui.progressText.text = _("Stopping ... Finished cases stay.")

    def show(self, how_far: HowFar) -> None:
        """Show how far it is."""
        self._ui.progressBar.setValue(round(how_far.fraction * _STEPS))
        self._ui.progressText.text = how_far_text(how_far)

    def _show_text(self, text: str) -> None:
        self._ui.progressText.text = text
        self._ui.progressText.setVisible(bool(text))

    def _show_running(self, running: bool) -> None:
        self._is_running = running
        self._ui.cancelButton.setVisible(running)
        self._ui.progressBar.setVisible(running)
        self._ui.modelSelector.setEnabled(not running)
        self._ui.outputFolder.setEnabled(not running)


def how_far_text(how_far: HowFar) -> str:
    """Return in words how far a run is."""
    parts = [f"{how_far.case}: {how_far.message}" if how_far.case else how_far.message]
    if how_far.cases > 1:
        parts.append(_("{ended} of {cases} cases have ended").format(ended=how_far.ended, cases=how_far.cases))
    if how_far.seconds_left is not None:
        parts.append(time_left_text(how_far.seconds_left))
    return "\n".join(parts)


def time_left_text(seconds: float) -> str:
    """Return a time in words, no more exact than it can be known."""
    if seconds < 10:
        return _("A few seconds left")
    if seconds < 90:
        return _("About {seconds} seconds left").format(seconds=round(seconds / 10) * 10)
    if seconds < 5400:
        return _("About {minutes} minutes left").format(minutes=round(seconds / 60))
    return _("About {hours} hours left").format(hours=round(seconds / 3600))
