"""The module's panel: its tabs, and what they share."""

from __future__ import annotations

from slicer.i18n import tr as _

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd_slicer.panel.engine.session_client import Failed, SessionClient
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.scene.slicers_names import ImportedNames
from fedkd_slicer.panel.settings import Settings
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.annotate_tab import AnnotateTab
from fedkd_slicer.panel.tabs.predict_tab import PredictTab
from fedkd_slicer.panel.tabs.settings_tab import SettingsTab
from fedkd_slicer.panel.tabs.tab import Tab
from fedkd_slicer.panel.ui_files import load_ui

_NO_READER = "unnamed"


class Panel:
    """All tabs. One of them is seen while the module is open."""

    def __init__(self) -> None:
        self.widget, self._ui = load_ui("Panel")
        self._settings = Settings()
        self._pulse = Pulse(self.widget)
        self._desk = Desk(self._start_session, lambda: self._settings.reader_code or _NO_READER)
        self._pulse.add(self._desk.look, lambda: self._desk.needs_look)
        shared = Shared(self._settings, self._pulse, self._desk)
        self._predict = PredictTab(shared, self._show_model)
        self._tabs: list[Tab] = [self._predict, AnnotateTab(shared), SettingsTab(shared)]
        self._entered: Tab | None = None
        self._imported_names = ImportedNames()
        self._ui.notForClinicalUse.text = NOT_FOR_CLINICAL_USE
        for tab in self._tabs:
            self._ui.tabs.addTab(tab.widget, tab.title)
        self._ui.tabs.connect("currentChanged(int)", self._tab_chosen)
        self._is_shown = False

    @property
    def open_case(self) -> OpenedCase | None:
        """The case that is open for review."""
        return self._desk.case

    @property
    def trouble(self) -> Trouble | None:
        """What a prediction ended with, while it is shown."""
        return self._predict.trouble

    def enter(self) -> None:
        """The module is seen from now on; to be told so twice changes nothing."""
        if not self._is_shown:
            self._is_shown = True
            self._tab_chosen(self._ui.tabs.currentIndex)

    def exit(self) -> None:
        """The module is not seen any more; what runs goes on."""
        self._is_shown = False
        self._leave()

    def scene_closed(self) -> None:
        """Every node is gone."""
        for tab in self._tabs:
            tab.scene_closed()

    def cleanup(self) -> None:
        """End everything."""
        self.exit()
        for tab in self._tabs:
            tab.cleanup()
        self._desk.end()
        self._imported_names.close()
        self._pulse.stop()
        # "Reload" only hides it; its selectors would go on following the scene.
        self.widget.setParent(None)
        self.widget.deleteLater()

    def _tab_chosen(self, index: int) -> None:
        if not self._is_shown:
            return
        self._leave()
        self._entered = self._tabs[index]
        self._entered.enter()

    def _leave(self) -> None:
        left, self._entered = self._entered, None
        if left is not None:
            left.exit()

    def _show_model(self, model_id: str) -> None:
        self._ui.modelLine.text = _("Model: {model_id}").format(model_id=model_id)

    def _start_session(self, died: Failed) -> SessionClient:
        return SessionClient(self._settings.engine_python(), died)
