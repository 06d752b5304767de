"""Walks an observer through the seven landmarks: what each is, how to find it, and where it was placed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import qt
from slicer.i18n import tr as _

from fedkd.anatomy import LANDMARK_BY_NAME, LANDMARK_NAMES
from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.state import ReadLandmark
from fedkd_slicer.panel.ui_files import load_ui

_BUTTONS_A_ROW = 7


class AnnotateGuide:
    """The current landmark with its text and drawing, and a button for each of the seven.

    Args:
        desk: has the reading.
        place: puts the mouse into place mode for the current landmark.
    """

    def __init__(self, desk: AnnotationDesk, place: Callable[[], None]) -> None:
        self.widget, self._ui = load_ui("AnnotateGuide")
        self._desk = desk
        self._buttons = {label: self._landmark_button(label) for label in LANDMARK_NAMES}
        ui = self._ui
        ui.placeButton.connect("clicked()", place)
        ui.nextLandmarkButton.connect("clicked()", desk.choose_next)
        ui.undoButton.connect("clicked()", desk.undo)
        ui.redoButton.connect("clicked()", desk.redo)
        ui.undeterminedButton.connect("clicked()", self.ask_reason)
        ui.reasonOkButton.connect("clicked()", self._note_reason)
        ui.reasonCancelButton.connect("clicked()", self.hide_reason)
        self.hide_reason()

    def open(self, reading: OpenedReading) -> None:
        """Show which reading it is."""
        how = _("blind") if reading.blind else _("not blind")
        text = _("Case {case}, reading {number} by {observer}, {how}")
        self._ui.readingLine.text = text.format(
            case=reading.case, number=reading.number, observer=reading.observer, how=how
        )

    def show(self, view: ReadingView) -> None:
        """Show the reading as it is now."""
        ui, one = self._ui, view.landmark
        for label, button in self._buttons.items():
            button.text = f"{label}{_mark(view.state.landmark(label))}"
            button.setChecked(label == view.current)
        number = LANDMARK_NAMES.index(one.label) + 1
        ui.landmarkTitle.text = f"{number}. {one.label}: {LANDMARK_BY_NAME[one.label].full_name}"
        ui.landmarkStateText.text = _state_text(one)
        ui.undoButton.setEnabled(bool(view.undo_text))
        ui.undoButton.text = _("Undo: {what}").format(what=view.undo_text) if view.undo_text else _("Undo")
        ui.redoButton.setEnabled(bool(view.redo_text))
        ui.redoButton.text = _("Redo: {what}").format(what=view.redo_text) if view.redo_text else _("Redo")

    def ask_reason(self) -> None:
        """Ask why the current landmark cannot be determined."""
        self._ui.reasonQuestion.text = _("Why can {label} not be determined?").format(label=self._desk.current)
        self._ui.reasonBox.setVisible(True)
        self._ui.reasonChoice.setFocus()

    def hide_reason(self) -> None:
        """Ask no more."""
        self._ui.reasonBox.setVisible(False)

    def _note_reason(self) -> None:
        self._desk.undetermined(self._desk.current, self._ui.reasonChoice.currentText)
        self.hide_reason()

    def _landmark_button(self, label: str) -> qt.QToolButton:
        button = qt.QToolButton()
        button.setObjectName(f"landmark{label}")
        button.setCheckable(True)
        button.connect("clicked()", partial(self._desk.choose, label))
        column = LANDMARK_NAMES.index(label)
        self._ui.landmarkButtons.addWidget(button, column // _BUTTONS_A_ROW, column % _BUTTONS_A_ROW)
        return button


def _mark(one: ReadLandmark) -> str:
    return {"open": "", "placed": " \N{CHECK MARK}", "cannot be determined": " ?"}[one.state]


def _state_text(one: ReadLandmark) -> str:
    if one.state == "placed":
        return _("Placed. Check it in all three views; drag it where it belongs.")
    if one.state == "cannot be determined":
        return _("Cannot be determined: {reason}").format(reason=one.reason)
    return _("Click in a slice view to place it.")
