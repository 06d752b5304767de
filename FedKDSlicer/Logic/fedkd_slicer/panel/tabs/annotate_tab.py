"""The tab "Annotate": readings for the inter-observer study."""

from __future__ import annotations

from slicer.i18n import tr as _

from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.engine.reading_client import CaseToRead, ReadingClient, Study
from fedkd_slicer.panel.engine.session_client import Failed
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.annotate_cases import AnnotateCases
from fedkd_slicer.panel.tabs.annotate_finish import AnnotateFinish
from fedkd_slicer.panel.tabs.annotate_guide import AnnotateGuide
from fedkd_slicer.panel.tabs.annotate_study import AnnotateStudy
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateTab:
    """Wires study, cases and the open reading; an onlooker of the observer's desk."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._study: Study | None = None
        self.desk = AnnotationDesk(self._start_engine, "1")
        self.widget, self._ui = load_ui("AnnotateTab")
        self._trouble = TroubleBox()
        self._form = AnnotateStudy(shared.settings, self._list_cases)
        self._cases = AnnotateCases(self._open)
        self._guide = AnnotateGuide(self.desk, self._place)
        self._finish = AnnotateFinish(self.desk)
        self._ui.studyLayout.addWidget(self._form.widget)
        for part in (self._trouble.widget, self._cases.widget):
            self._ui.casesLayout.addWidget(part)
        for part in (self._guide.widget, self._finish.widget):
            self._ui.readingLayout.addWidget(part)
        self._ui.readingSection.setVisible(False)
        self.desk.add(self)
        shared.pulse.add(self.desk.look, lambda: self.desk.is_at_work)

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Annotate")

    def enter(self) -> None:
        """Time counts from now on."""
        self.desk.shown(True)

    def exit(self) -> None:
        """Time stands still."""
        self.desk.shown(False)

    def scene_closed(self) -> None:
        """The reading is saved, and closed with the scene."""
        self.desk.close()

    def cleanup(self) -> None:
        """End the engine."""
        self.desk.close()

    # ---- what the observer does

    def _list_cases(self, study: Study) -> None:
        self._study = study
        self._trouble.clear()
        self._cases.show_none(_("Looking for the cases..."))
        self.desk.list_cases(study)
        self._shared.pulse.wake()

    def _open(self, case: CaseToRead) -> None:
        if self._study is not None:
            self._trouble.clear()
            self.desk.open(self._study, case)
            self._shared.pulse.wake()

    def _place(self) -> None:
        pass

    # ---- as an onlooker

    def cases_listed(self, cases: tuple[CaseToRead, ...]) -> None:
        """Show them."""
        self._cases.show(cases)

    def reading_opened(self, reading: OpenedReading) -> None:
        """Show the reading, and nothing else can be opened."""
        self._guide.open(reading)
        self._finish.show_saved(SaveState())
        self._show_reading(True)

    def reading_changed(self, view: ReadingView) -> None:
        """Show it as it is now."""
        self._guide.show(view)
        self._finish.show(view)

    def save_state_changed(self, state: SaveState) -> None:
        """Show how saving goes."""
        self._finish.show_saved(state)

    def noted(self, text: str) -> None:
        """Show it."""

    def troubled(self, trouble: Trouble) -> None:
        """Show it."""
        self._trouble.show(trouble)

    def reading_finished(self, reading: OpenedReading) -> None:
        """The list follows."""

    def reading_closed(self) -> None:
        """Show the cases again."""
        self._show_reading(False)
        if self._study is not None:
            self._list_cases(self._study)

    def _show_reading(self, is_open: bool) -> None:
        self._ui.readingSection.setVisible(is_open)
        self._ui.studySection.collapsed = is_open
        self._ui.casesSection.collapsed = is_open
        self._form.set_enabled(not is_open)
        self._cases.set_enabled(not is_open)

    def _start_engine(self, died: Failed) -> ReadingClient:
        return ReadingClient(self._shared.settings.engine_python(), died)
