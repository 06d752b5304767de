"""The table of the seven landmarks, and what can be done to the selected one."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from fedkd.anatomy import LANDMARK_BY_NAME, LANDMARK_NAMES
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import FindingLine, OpenedCase, PlacedLandmark
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.review.state import Landmark, ReviewState
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_landmark_words import (
    Cell,
    Rgb,
    confidence_cell,
    findings_about,
    plausibility_cell,
    state_cell,
)
from fedkd_slicer.panel.tabs.review_protocols import PlacedPoints
from fedkd_slicer.panel.tabs.review_selection import Selection
from fedkd_slicer.panel.ui_files import load_ui

_SWATCH_PX = 12
_WIDTHS_PX = (66, 88, 100)


class ReviewLandmarks:
    """An onlooker of the desk.

    Args:
        selection: the landmark that the reader is at.
        actions: what the buttons do.
        points: says which landmark the next click places.
    """

    def __init__(self, selection: Selection, actions: LandmarkActions, points: PlacedPoints) -> None:
        self._selection = selection
        self._points = points
        self._placed: dict[str, PlacedLandmark] = {}
        self._state: ReviewState | None = None
        self._findings: tuple[FindingLine, ...] = ()
        self.widget, self._ui = load_ui("ReviewLandmarks")
        self._fill_table()
        self._ui.landmarkTable.connect("cellClicked(int,int)", self._clicked)
        self._ui.acceptLandmarkButton.connect("clicked()", actions.toggle_accepted)
        self._ui.placeLandmarkButton.connect("clicked()", actions.place)
        self._ui.removeLandmarkButton.connect("clicked()", actions.remove)
        selection.on_mark(lambda _label: self._show_selected())
        self.show_placing()

    def show_placing(self) -> None:
        """Say which landmark the next click places."""
        label = self._points.placing
        text = _("Click in a slice view to place {label}. P or Escape: leave it as it is.")
        self._ui.placingLine.text = "" if label is None else text.format(label=label)
        self._ui.placingLine.setVisible(label is not None)

    def take_focus(self) -> None:
        """Have keys come here."""
        self._ui.landmarkTable.setFocus()

    def case_opened(self, case: OpenedCase) -> None:
        """Note how the landmarks came."""
        self._placed = {line.label: line for line in case.landmarks}

    def review_changed(self, review: Review) -> None:
        """Show the landmarks' states."""
        self._state = review.state
        self._show()

    def measurements_changed(self, measurements: Measurements) -> None:
        """Show what is plausible now."""
        if measurements.findings != self._findings:
            self._findings = measurements.findings
            self._show()

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Forget the case."""
        self._placed, self._state, self._findings = {}, None, ()

    def _fill_table(self) -> None:
        table = self._ui.landmarkTable
        table.setRowCount(len(LANDMARK_NAMES))
        for column, width_px in enumerate(_WIDTHS_PX):
            table.setColumnWidth(column, width_px)
        for row, label in enumerate(LANDMARK_NAMES):
            landmark = LANDMARK_BY_NAME[label]
            for column in range(table.columnCount):
                table.setItem(row, column, qt.QTableWidgetItem())
            red, green, blue = (round(255 * part) for part in landmark.color_rgb)
            self._write(row, 0, Cell(f"{row + 1}\N{NO-BREAK SPACE}{label}", (red, green, blue), landmark.full_name))
        table.resizeRowsToContents()

    def _show(self) -> None:
        if self._state is None:
            return
        for row, landmark in enumerate(self._state.landmarks):
            placed = self._placed.get(landmark.label)
            self._write(row, 1, state_cell(landmark, placed))
            self._write(row, 2, confidence_cell(landmark, placed))
            self._write(row, 3, plausibility_cell(landmark, self._findings))
        self._ui.landmarkTable.resizeRowsToContents()  # a long text wraps
        self._show_selected()

    def _show_selected(self) -> None:
        label = self._selection.label
        self._ui.landmarkTable.setCurrentCell(LANDMARK_NAMES.index(label), 0)
        if self._state is None:
            return
        landmark = self._state.landmark(label)
        self._ui.selectedName.text = f"{label}: {LANDMARK_BY_NAME[label].full_name}"
        texts = [f"\N{BULLET} {finding.text}" for finding in findings_about(label, self._findings)]
        self._ui.selectedFindings.text = "\n".join(texts) or _("Nothing unusual was found.")
        self._show_buttons(landmark)

    def _show_buttons(self, landmark: Landmark) -> None:
        there = landmark.position_lps_mm is not None
        accept = _("Unlock {label}") if landmark.is_locked else _("Accept {label}")
        self._ui.acceptLandmarkButton.text = accept.format(label=landmark.label)
        self._ui.acceptLandmarkButton.setEnabled(there)
        place = _("Place {label} anew") if there else _("Place {label}")
        self._ui.placeLandmarkButton.text = place.format(label=landmark.label)
        self._ui.placeLandmarkButton.setEnabled(not landmark.is_locked)
        self._ui.removeLandmarkButton.text = _("Cannot be seen")
        self._ui.removeLandmarkButton.setEnabled(there and not landmark.is_locked)

    def _write(self, row: int, column: int, cell: Cell) -> None:
        item = self._ui.landmarkTable.item(row, column)
        item.setText(cell.text)
        item.setToolTip(cell.more)
        item.setIcon(_swatch(cell.color))

    def _clicked(self, row: int, _column: int) -> None:
        self._selection.visit(LANDMARK_NAMES[row])


def _swatch(color: Rgb) -> qt.QIcon:
    pixmap = qt.QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(qt.QColor(*color))
    icon = qt.QIcon()
    for mode in (qt.QIcon.Normal, qt.QIcon.Selected):  # Qt would tint it in the selected row
        icon.addPixmap(pixmap, mode)
    return icon
