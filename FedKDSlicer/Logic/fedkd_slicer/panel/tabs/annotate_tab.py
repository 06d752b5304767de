"""The tab "Annotate": readings for the inter-observer study."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from slicer.i18n import tr as _

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.protocol import read_protocol
from fedkd_slicer.panel.engine.reading_client import CaseToRead, ReadingClient, Study
from fedkd_slicer.panel.engine.session_client import Failed
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.scene.reading_scene import ReadingScene, Tells
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.tabs.annotate_calcium import AnnotateCalcium
from fedkd_slicer.panel.tabs.annotate_cases import AnnotateCases
from fedkd_slicer.panel.tabs.annotate_finish import AnnotateFinish
from fedkd_slicer.panel.tabs.annotate_guide import AnnotateGuide
from fedkd_slicer.panel.tabs.annotate_import import AnnotateImport
from fedkd_slicer.panel.tabs.annotate_study import AnnotateStudy
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.tabs.window_keys import WindowKeys
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateTab:
    """Wires study, cases and the open reading; an onlooker of the observer's desk."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._study: Study | None = None
        self._is_seen = False
        protocol = read_protocol()
        self._desk = AnnotationDesk(self._start_engine, protocol.version)
        self.widget, self._ui = load_ui("AnnotateTab")
        self._trouble = TroubleBox()
        tells = Tells(self.noted, self.troubled)
        self._actions = AnnotateActions(self._desk, self.noted)
        self._scene = ReadingScene(self._desk, tells)
        self._form = AnnotateStudy(shared.settings, self._list_cases)
        self._cases = AnnotateCases(self._open)
        self._guide = AnnotateGuide(self._actions, self._scene, protocol)
        self._calcium = AnnotateCalcium(self._actions, self._scene, tells)
        self._calcium.explain(protocol.calcification)
        self._import = AnnotateImport(self._actions, shared.settings)
        self._finish = AnnotateFinish(self._desk, self._actions, self._calcium.save_if_changed)
        self._keys = WindowKeys(self._works())
        self._lay_out()
        self._desk.add(self)
        shared.desk.refuse_while(self._why_no_review)
        shared.pulse.add(self._desk.look, lambda: self._desk.is_at_work)

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Annotate")

    def enter(self) -> None:
        """Keys, mouse and time are the reading's from now on."""
        self._be_seen(True)
        self._calcium.save_if_changed()

    def exit(self) -> None:
        """Time stands still; the reading stays open."""
        self._be_seen(False)

    def scene_closed(self) -> None:
        """The reading is saved, and closed with the scene."""
        if self._desk.reading is not None:
            self._desk.close()
            self.noted(_("The scene was closed, and the reading with it. All that was placed is saved in its draft."))

    def cleanup(self) -> None:
        """End the engine."""
        self._keys.stop()
        self._study = None
        self._desk.end()

    # ---- what the observer does

    def _list_cases(self, study: Study) -> None:
        self._study = study
        self._trouble.clear()
        self._note("")
        self._refresh_cases()

    def _refresh_cases(self) -> None:
        if self._study is not None:
            self._cases.show_none(_("Looking for the cases..."))
            self._desk.list_cases(self._study)
            self._shared.pulse.wake()

    def _open(self, case: CaseToRead) -> None:
        if self._study is None:
            return
        self._trouble.clear()
        self._note("")
        if self._study.blind and not self._nothing_under_review():
            return
        self._desk.open(self._study, case)
        self._cases.show_opening(case)
        self._shared.pulse.wake()

    def _nothing_under_review(self) -> bool:
        """Close the case that is open for review: a blind reading shows nothing of predictions."""
        desk = self._shared.desk
        if not desk.is_at_work:
            return True
        if not desk.is_saved:
            self.troubled(
                Trouble(
                    _("A case is open for review, and not all of it is saved."),
                    _("Predict & Review"),
                    _("Have it saved there first. A blind reading closes it, so that no prediction is in view."),
                )
            )
            return False
        desk.close()
        self.noted(_("The case that was open for review was closed: a blind reading shows no prediction."))
        return True

    def _why_no_review(self) -> Trouble | None:
        reading = self._desk.reading
        if reading is None or not reading.blind:
            return None
        return Trouble(
            _("A blind reading is open, so no case can be opened for review: it would show predictions."),
            _("Annotate"),
            _("Finish or close the reading first, then click the case again."),
        )

    # ---- as an onlooker

    def cases_listed(self, cases: tuple[CaseToRead, ...]) -> None:
        """Show them."""
        self._cases.show(cases)

    def reading_opened(self, reading: OpenedReading) -> None:
        """Show the reading, and nothing else can be opened."""
        if not self._scene.open(reading):
            self._desk.close()
            return
        self._guide.open(reading)
        self._import.open(reading.site)
        self._ui.importSection.setVisible(not reading.blind)
        self._finish.show_saved(SaveState())
        self._show_reading(True)

    def reading_changed(self, view: ReadingView) -> None:
        """Show it as it is now."""
        self._scene.show(view)
        self._guide.show(view)
        self._calcium.show(view)
        self._finish.show(view)

    def save_state_changed(self, state: SaveState) -> None:
        """Show how saving goes."""
        self._finish.show_saved(state)

    def noted(self, text: str) -> None:
        """Show it."""
        self._note(text)

    def troubled(self, trouble: Trouble) -> None:
        """Show it; a list that was asked for may have to be asked for again."""
        self._trouble.show(trouble)
        self._cases.show_again()

    def reading_finished(self, reading: OpenedReading) -> None:
        """Say where it lies."""
        self._note(
            _("Finished: case {case}. Its files lie in {folder}").format(case=reading.case, folder=reading.folder)
        )

    def reading_closed(self) -> None:
        """Show the cases again."""
        self._scene.close()
        self._show_reading(False)
        self._refresh_cases()

    # ---- inside

    def _works(self) -> dict[str, Callable[[], None]]:
        return {
            **{str(key): partial(self._actions.choose, label) for key, label in enumerate(LANDMARK_NAMES, start=1)},
            "N": self._actions.choose_next,
            "P": self._scene.place_again,
            "X": self._guide.ask_reason,
            "A": self._scene.show_annulus,
            "S": self._scene.show_standard,
            "Ctrl+Z": self._actions.undo,
            "Ctrl+Y": self._actions.redo,
        }

    def _be_seen(self, is_seen: bool) -> None:
        self._is_seen = is_seen
        self._desk.shown(is_seen)
        self._scene.seen(is_seen)
        if is_seen and self._desk.reading is not None:
            self._keys.start()
        else:
            self._keys.stop()

    def _show_reading(self, is_open: bool) -> None:
        ui = self._ui
        ui.readingSections.setVisible(is_open)
        ui.studySection.collapsed = is_open
        ui.casesSection.collapsed = is_open
        self._form.set_enabled(not is_open)
        self._cases.set_enabled(not is_open)
        self._be_seen(self._is_seen)

    def _note(self, text: str) -> None:
        self._ui.noteLine.text = text
        self._ui.noteLine.setVisible(bool(text))

    def _lay_out(self) -> None:
        ui = self._ui
        ui.studyLayout.addWidget(self._form.widget)
        ui.troubleLayout.addWidget(self._trouble.widget)
        ui.casesLayout.addWidget(self._cases.widget)
        ui.readingLayout.addWidget(self._guide.widget)
        ui.calciumSectionLayout.addWidget(self._calcium.widget)
        ui.importSectionLayout.addWidget(self._import.widget)
        ui.finishSectionLayout.addWidget(self._finish.widget)
        ui.readingSections.setVisible(False)
        ui.calciumSection.collapsed = ui.importSection.collapsed = True
        self._note("")

    def _start_engine(self, died: Failed) -> ReadingClient:
        return ReadingClient(self._shared.settings.engine_python(), died)
