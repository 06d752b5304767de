"""Walks an observer through the seven landmarks: what each is, how to find it, and where it was placed."""

from __future__ import annotations

from functools import partial

import qt
from slicer.i18n import tr as _

from fedkd.anatomy import HINGE_POINTS, LANDMARK_BY_NAME, LANDMARK_NAMES
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.protocol import LandmarkProtocol, Protocol
from fedkd_slicer.panel.annotate.state import ReadLandmark
from fedkd_slicer.panel.scene.reading_scene import ReadingScene
from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.tabs.annotate_reason import AnnotateReason
from fedkd_slicer.panel.ui_files import load_ui

_DRAWING_PX = (336, 180)


class AnnotateGuide:
    """The current landmark with its text and drawing, and a button for each of the seven.

    Args:
        actions: what buttons do.
        scene: places, and moves the views.
        protocol: what observers follow.
    """

    def __init__(self, actions: AnnotateActions, scene: ReadingScene, protocol: Protocol) -> None:
        self.widget, self._ui = load_ui("AnnotateGuide")
        self._actions, self._protocol = actions, protocol
        self._shown = ""
        self._buttons = {label: self._landmark_button(label) for label in LANDMARK_NAMES}
        self._reason = AnnotateReason(actions, protocol.reasons, self._ui.nextLandmarkButton)
        ui = self._ui
        ui.reasonLayout.addWidget(self._reason.widget)
        ui.placeButton.connect("clicked()", scene.place_again)
        ui.nextLandmarkButton.connect("clicked()", actions.choose_next)
        ui.undoButton.connect("clicked()", actions.undo)
        ui.redoButton.connect("clicked()", actions.redo)
        ui.undeterminedButton.connect("clicked()", self._reason.ask)
        ui.annulusViewsButton.connect("clicked()", scene.show_annulus)
        ui.standardViewsButton.connect("clicked()", scene.show_standard)

    def ask_reason(self) -> None:
        """Ask why the current landmark cannot be determined."""
        self._reason.ask()

    def open(self, reading: OpenedReading) -> None:
        """Show which reading it is."""
        how = _("blind") if reading.blind else _("not blind")
        self._ui.readingLine.text = _("Case {case}, reading {number} by {observer}, {how}").format(
            case=reading.case, number=reading.number, observer=reading.observer, how=how
        )
        self._shown = ""
        self._ui.nextLandmarkButton.setFocus()  # not a field that would take the keys

    def show(self, view: ReadingView) -> None:
        """Show the reading as it is now."""
        ui, one = self._ui, view.landmark
        for label, button in self._buttons.items():
            button.text = f"{label} {_mark(view.state.landmark(label))}"
            button.toolTip = _tool_tip(label, view.state.landmark(label))
            button.setChecked(label == view.current)
        ui.landmarkStateText.text = _state_text(one)
        ui.placeButton.text = _("Place again (P)") if one.state == "placed" else _("Place (P)")
        ui.annulusViewsButton.setEnabled(all(label in view.state.positions_lps_mm for label in HINGE_POINTS))
        for button, word, what in (
            (ui.undoButton, _("Undo"), view.undo_text),
            (ui.redoButton, _("Redo"), view.redo_text),
        ):
            button.setEnabled(bool(what))
            button.text = f"{word}\n{what}" if what else word
        if self._shown != one.label:
            self._shown = one.label
            self._reason.hide()
            self._show_protocol(self._protocol.landmarks[one.label])

    def _show_protocol(self, one: LandmarkProtocol) -> None:
        ui = self._ui
        number = LANDMARK_NAMES.index(one.label) + 1
        ui.landmarkTitle.text = (
            f"{number} of {len(LANDMARK_NAMES)}: {one.label}, {LANDMARK_BY_NAME[one.label].full_name}"
        )
        steps = "".join(f"<li>{step}</li>" for step in one.steps)
        ui.protocolText.text = _(
            "<p><b>What it is.</b> {definition}</p><p><b>How to find it</b></p><ol>{steps}</ol>"
            "<p><b>Planes.</b> {plane}</p><p><b>Take care.</b> {mistake}</p>"
        ).format(definition=one.definition, steps=steps, plane=one.plane, mistake=one.mistake)
        ui.drawing.setPixmap(qt.QIcon(str(one.drawing)).pixmap(*_DRAWING_PX))

    def _landmark_button(self, label: str) -> qt.QToolButton:
        button = qt.QToolButton()
        button.setObjectName(f"landmark{label}")
        button.setCheckable(True)
        button.setSizePolicy(qt.QSizePolicy.Expanding, qt.QSizePolicy.Fixed)
        button.connect("clicked()", partial(self._actions.choose, label))
        self._ui.landmarkButtons.addWidget(button, 0, LANDMARK_NAMES.index(label))
        return button


def _mark(one: ReadLandmark) -> str:
    return {"open": "\N{WHITE CIRCLE}", "placed": "\N{CHECK MARK}", "cannot be determined": "?"}[one.state]


def _tool_tip(label: str, one: ReadLandmark) -> str:
    states = {
        "open": _("open"),
        "placed": _("imported") if one.imported else _("placed"),
        "cannot be determined": _("cannot be determined"),
    }
    return f"{LANDMARK_BY_NAME[label].full_name}: {states[one.state]} ({LANDMARK_NAMES.index(label) + 1})"


def _state_text(one: ReadLandmark) -> str:
    if one.state == "placed":
        text = _("Placed. Check it in all three views; drag the point where it belongs. Then press N.")
        return _("Imported from a file. ") + text if one.imported else text
    if one.state == "cannot be determined":
        return _("Cannot be determined: {reason}. To place it after all, press P.").format(
            reason=one.reason.rstrip(".")
        )
    return _("Click in a slice view to place it. Turn the wheel to look through the slices.")
