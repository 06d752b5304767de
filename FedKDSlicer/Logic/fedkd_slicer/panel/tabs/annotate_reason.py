"""Asks in the panel why a landmark cannot be determined."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateReason:
    """Hidden until it asks.

    Args:
        actions: note the reason.
        reasons: to choose from; others can be typed.
        then: has the focus afterwards, and not a field that would take the keys.
    """

    def __init__(self, actions: AnnotateActions, reasons: tuple[str, ...], then: qt.QWidget) -> None:
        self.widget, self._ui = load_ui("AnnotateReason")
        self._actions = actions
        self._then = then
        self._label = ""
        self._ui.reasonChoice.addItems(list(reasons))
        self._ui.reasonChoice.lineEdit().placeholderText = _("Choose or type a reason")
        self._ui.reasonChoice.lineEdit().connect("returnPressed()", self._note)
        self._ui.reasonChoice.connect("editTextChanged(QString)", self._update)
        self._ui.reasonOkButton.connect("clicked()", self._note)
        self._ui.reasonCancelButton.connect("clicked()", self.hide)
        self.hide()

    def ask(self) -> None:
        """Ask about the current landmark."""
        self._label = self._actions.current
        self._ui.reasonQuestion.text = _("Why can {label} not be determined?").format(label=self._label)
        self._ui.reasonChoice.setCurrentIndex(-1)
        self._ui.reasonChoice.setEditText("")
        self.widget.setVisible(True)
        self._ui.reasonChoice.setFocus()

    def hide(self) -> None:
        """Ask no more."""
        if self.widget.visible:
            self._then.setFocus()
        self.widget.setVisible(False)

    def _update(self, text: str) -> None:
        self._ui.reasonOkButton.setEnabled(bool(text.strip()))

    def _note(self) -> None:
        reason = self._ui.reasonChoice.currentText.strip()
        if reason:
            self.hide()
            self._actions.undetermined(self._label, reason)
