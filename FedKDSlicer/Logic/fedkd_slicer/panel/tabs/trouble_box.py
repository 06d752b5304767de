"""Shows inside the panel what went wrong, where, and what to do about it."""

from __future__ import annotations

from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.ui_files import load_ui


class TroubleBox:
    """Hidden while there is no trouble."""

    def __init__(self) -> None:
        self.widget, self._ui = load_ui("TroubleBox")
        self.shown: Trouble | None = None
        self._ui.troubleCloseButton.connect("clicked()", self.clear)
        self._ui.troubleDetailsButton.connect("toggled(bool)", self._show_details)
        self.clear()

    def show(self, trouble: Trouble) -> None:
        """Show this one, instead of what was shown."""
        self._ui.troubleWhat.text = trouble.what
        self._ui.troubleWhere.text = _("Where: {where}").format(where=trouble.where)
        self._ui.troubleWhere.setVisible(bool(trouble.where))
        self._ui.troubleWhatToDo.text = _("What to do: {what_to_do}").format(what_to_do=trouble.what_to_do)
        self._ui.troubleDetails.setPlainText(trouble.details)
        self._ui.troubleDetailsButton.setVisible(bool(trouble.details))
        self._ui.troubleDetailsButton.setChecked(False)
        self._show_details(False)
        self.shown = trouble
        self.widget.show()

    def clear(self) -> None:
        """There is no trouble any more."""
        self.shown = None
        self.widget.hide()

    def _show_details(self, wanted: bool) -> None:
        self._ui.troubleDetails.setVisible(wanted)
