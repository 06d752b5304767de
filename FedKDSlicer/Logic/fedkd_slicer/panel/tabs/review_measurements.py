"""The measurements under the catalog's headings: changed ones marked, those that are being measured gray."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import MeasuredLine, OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.ui_files import load_ui

_NAME, _VALUE, _REMARK = range(3)


class ReviewMeasurements:
    """An onlooker of the desk."""

    def __init__(self) -> None:
        self.widget, self._ui = load_ui("ReviewMeasurements")
        self._items: dict[str, qt.QTreeWidgetItem] = {}

    def case_opened(self, case: OpenedCase) -> None:
        """Begin anew."""
        self._clear()

    def review_changed(self, review: Review) -> None:
        """`measurements_changed` follows where it matters."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Show the numbers."""
        if tuple(self._items) != tuple(line.key for line in measurements.lines):
            self._build(measurements.lines)
        for line in measurements.lines:
            self._show(line, line.key in measurements.stale, line.key in measurements.changed)
        self._ui.measurementState.text = state_text(measurements)

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Forget the numbers."""
        self._clear()

    def _clear(self) -> None:
        self._items = {}
        self._ui.measurementTree.clear()
        self._ui.measurementState.text = ""

    def _build(self, lines: tuple[MeasuredLine, ...]) -> None:
        self._clear()
        groups: dict[str, qt.QTreeWidgetItem] = {}
        for line in lines:
            if line.group not in groups:
                groups[line.group] = self._heading(line.group)
            item = qt.QTreeWidgetItem()
            item.setText(_NAME, line.name)
            groups[line.group].addChild(item)
            self._items[line.key] = item

    def _heading(self, text: str) -> qt.QTreeWidgetItem:
        item = qt.QTreeWidgetItem()
        item.setText(_NAME, text)
        item.setFont(_NAME, self._font(bold=True))
        self._ui.measurementTree.addTopLevelItem(item)
        item.setExpanded(True)
        return item

    def _show(self, line: MeasuredLine, is_stale: bool, is_changed: bool) -> None:
        item = self._items[line.key]
        item.setText(_VALUE, line.text or "\N{EN DASH}")
        item.setText(_REMARK, remark_text(line, is_stale, is_changed))
        for column in (_VALUE, _REMARK):
            item.setFont(column, self._font(bold=is_changed and not is_stale))
            item.setToolTip(column, line.reason)
        group = qt.QPalette.Disabled if is_stale else qt.QPalette.Active
        brush = qt.QBrush(self.widget.palette.color(group, qt.QPalette.Text))
        for column in (_NAME, _VALUE, _REMARK):
            item.setForeground(column, brush)

    def _font(self, *, bold: bool) -> qt.QFont:
        font = qt.QFont(self.widget.font)
        font.setBold(bold)
        return font


def state_text(measurements: Measurements) -> str:
    """Return in words whether the numbers are those of the landmarks as they lie."""
    if not measurements.lines:
        return _("Nothing has been measured yet.")
    if measurements.stale:
        return _("Measuring ... Gray numbers are from before.")
    if measurements.changed:
        return _("{count} numbers changed since the case was opened.").format(count=len(measurements.changed))
    return _("As when the case was opened.")


def remark_text(line: MeasuredLine, is_stale: bool, is_changed: bool) -> str:
    """Return what is to be said of a measurement, the most pressing first."""
    if is_stale:
        return _("being measured")
    remarks = []
    if is_changed:
        remarks.append(_("changed"))
    if line.reason:
        remarks.append(_("not measured: {reason}").format(reason=line.reason))
    if line.outside:
        remarks.append(_("outside {range}").format(range=line.published))
    return "; ".join(remarks)
