"""The observer's desk: one open reading, what the observer does in it, and who has to know.

It owns the reading; scene and widgets show it and hand it what the observer did. Every step is saved at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.annotate.engine import SavesReadings, StartEngine
from fedkd_slicer.panel.annotate.engine_at_hand import EngineAtHand
from fedkd_slicer.panel.annotate.onlooker import AnnotationOnlooker
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.state import LONGEST_TEXT, ImportedFile, ReadingState
from fedkd_slicer.panel.annotate.work import Work
from fedkd_slicer.panel.engine.reading_client import CaseToRead, Study
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.saver import Saver, SaveState
from fedkd_slicer.panel.review.state import NotAllowed, PointLps


class AnnotationDesk:
    """At most one open reading.

    Args:
        start_engine: starts a session.
        protocol_version: of the protocol that observers follow.
        clock: seconds that never go back; tests bring their own.
    """

    def __init__(
        self, start_engine: StartEngine, protocol_version: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = EngineAtHand(start_engine, self._engine_died)
        self._protocol_version = protocol_version
        self._clock = clock
        self._onlookers: list[AnnotationOnlooker] = []
        self._asked: tuple[Study, CaseToRead] | None = None
        self._reading: OpenedReading | None = None
        self._work: Work | None = None
        self._saver: Saver | None = None
        self._is_shown = False
        self._is_finishing = False
        self._doubts: tuple[str, ...] = ()
        self._asked_about: tuple[str, ...] = ()
        self._answered: tuple[str, ...] = ()

    def add(self, onlooker: AnnotationOnlooker) -> None:
        """Let somebody show the reading from now on."""
        self._onlookers.append(onlooker)

    @property
    def reading(self) -> OpenedReading | None:
        """The open reading."""
        return self._reading

    @property
    def state(self) -> ReadingState | None:
        """The reading as it is now."""
        return None if self._work is None else self._work.state

    @property
    def current(self) -> str:
        """The landmark that the observer works on."""
        return LANDMARK_NAMES[0] if self._work is None else self._work.current

    @property
    def is_at_work(self) -> bool:
        """True while `look` has to be called."""
        return self._engine.needs_look or (self._engine.running is not None and self._reading is not None)

    @property
    def is_saved(self) -> bool:
        """False while something the observer did is not on disk."""
        return self._reading is None or (self._saver is not None and self._saver.state.is_saved)

    # ---- cases and readings

    def list_cases(self, study: Study) -> None:
        """Ask for the observer's cases; onlookers are told."""
        self._engine.once_free("list", lambda: self._engine.need().list_cases(study, self._listed, self._failed))

    def open(self, study: Study, case: CaseToRead) -> None:
        """Open a case's reading that is next or under way; onlookers are told when it is there, or why not."""
        self.close()
        self._asked = (study, case)
        self._engine.once_free("open", self._ask_for_reading)

    def close(self) -> None:
        """Close the open reading and let the engine go. What was done is saved already, or is being saved."""
        self._engine.forget("open")
        engine = self._engine.running
        if engine is not None and self._work is not None and not self._is_finishing:
            self._work.count_time(False)
            engine.save_reading(self._document(), _nobody, _nobody)  # the newest seconds, too
        self._engine.let_go()
        self._forget()

    def end(self) -> None:
        """Close the open reading, and wait for what is being saved: the panel goes away."""
        self.close()
        self._engine.wait()

    def look(self) -> None:
        """Hear the engine; to be called every few hundredths of a second."""
        self._engine.look()

    def shown(self, is_shown: bool) -> None:
        """The panel is seen, or not: time counts only while it is."""
        self._is_shown = is_shown
        if self._work is None or self._is_finishing:
            return
        self._work.count_time(is_shown)
        if not is_shown:
            self._save()

    # ---- what the observer does

    def choose(self, label: str) -> None:
        """Work on another landmark.

        Raises:
            KeyError: there is none of that name.
        """
        work = self._need_work()
        work.state.landmark(label)
        if label != work.current:
            work.turn_to(label)
            self._save()
        self._show()

    def choose_next(self) -> None:
        """Go on to the next landmark of which nothing was said yet; with none left, to the next one."""
        self.choose(self._need_work().next_label)

    def place(self, label: str, position_lps_mm: PointLps) -> None:
        """A landmark was placed, or a drag has ended."""
        known = self._need_work().state.landmark(label).position_lps_mm is not None
        self._do(lambda state: state.placed(label, position_lps_mm), f"{'Moved' if known else 'Placed'} {label}")

    def undetermined(self, label: str, reason: str) -> None:
        """A landmark cannot be determined.

        Raises:
            NotAllowed: without a reason.
        """
        self._do(lambda state: state.undetermined(label, reason), f"{label} cannot be determined")

    def reopen(self, label: str) -> None:
        """Take back what was said of a landmark."""
        self._do(lambda state: state.reopened(label), f"Took {label} back")

    def comment(self, text: str) -> None:
        """Replace the comment."""
        self._do(lambda state: replace(state, comment=text.strip()[:LONGEST_TEXT]), "Changed the comment")

    def set_calcification(self, is_there: bool) -> None:
        """The observer's calcification lies beside the reading, or it does not."""
        action = "Saved the calcification" if is_there else "Took the calcification back"
        self._do(lambda state: replace(state, calcification=is_there), action)

    def import_points(self, path: Path, order: tuple[str, ...]) -> None:
        """Load points from a file or case folder; onlookers are told what came of it.

        Args:
            path: a .mps, a .mrk.json, or a case folder.
            order: names of the points of a .mps in their order; empty: the study's.
        """
        self._need_work()
        self._engine.need().import_points(path, order, self._imported, self._failed)

    def undo(self) -> None:
        """Go back one step."""
        self._went(self._need_work().undo())

    def redo(self) -> None:
        """Do again what was undone."""
        self._went(self._need_work().redo())

    def save_again(self) -> None:
        """Try to save once more, with a new engine where the old one is gone."""
        if self._reading is None:
            return
        if self._engine.running is None:
            self._open_again()
        else:
            self._save()

    def finish(self) -> None:
        """Write the reading under the study's names, as soon as all is saved.

        Where points may have been exchanged, the observer is asked instead, and finishes by calling this again.

        Raises:
            NotAllowed: a landmark is still open.
        """
        work = self._need_work()
        still_open = work.state.open_labels
        if still_open:
            raise NotAllowed(f"Still open: {', '.join(still_open)}. Place them, or say why they cannot be determined.")
        self._answered = self._asked_about
        self._is_finishing = True
        work.count_time(False)
        self._save()

    # ---- inside

    def _ask_for_reading(self) -> None:
        assert self._asked is not None
        self._engine.need().open_reading(*self._asked, self._protocol_version, self._opened, self._not_opened)

    def _do(self, change: Callable[[ReadingState], ReadingState], action: str) -> None:
        self._went(self._need_work().do(change, action))

    def _need_work(self) -> Work:
        if self._work is None:
            raise NotAllowed("No case is open. Open one first.")
        if self._is_finishing:
            raise NotAllowed("The reading is being finished. Wait a moment.")
        return self._work

    def _went(self, changed: bool) -> None:
        # Even where nothing changed: a point that was dragged and put back may lie elsewhere in the scene.
        if changed:
            self._asked_about = ()
        self._show()
        if changed:
            self._save()

    def _show(self) -> None:
        assert self._work is not None
        view = replace(self._work.view, doubts=self._asked_about)
        self._tell(lambda one: one.reading_changed(view))

    def _document(self) -> dict[str, Any]:
        assert self._reading is not None and self._work is not None  # noqa: PT018
        return self._work.document(self._reading)

    def _save(self) -> None:
        if self._saver is not None:
            self._saver.save(self._document())

    def _listed(self, answer: dict[str, Any]) -> None:
        cases = tuple(CaseToRead.read(line) for line in answer["worklist"])
        self._tell(lambda one: one.cases_listed(cases))

    def _opened(self, answer: dict[str, Any]) -> None:
        reading = OpenedReading.read(answer)
        self._saver = Saver(SavesReadings(self._engine.need(), self._doubted), self._save_went)
        if self._reading is not None:  # the engine had died, and is back
            self._reading = reading
            self._save()
            return
        self._reading = reading
        self._work = Work(reading, self._clock)
        self._work.count_time(self._is_shown)
        self._tell(lambda one: one.reading_opened(reading))
        self._show()

    def _not_opened(self, trouble: Trouble) -> None:
        self._failed(trouble)
        if self._reading is None:
            self._asked = None
        else:
            self._be_unsaved(trouble)

    def _engine_died(self, trouble: Trouble) -> None:
        self._engine.running = None
        if self._reading is None or self._saver is None:
            return  # who asked was told
        self._failed(trouble)
        self._open_again()

    def _open_again(self) -> None:
        self._saver = None  # a second death in a row is not answered with a third engine
        if self._is_finishing:
            self._is_finishing = False
            self._show()
        self._ask_for_reading()

    def _save_went(self, state: SaveState) -> None:
        self._tell(lambda one: one.save_state_changed(state))
        if not self._is_finishing:
            return
        if state.trouble is not None:
            self._not_finished(state.trouble)
        elif state.is_saved and set(self._doubts) - set(self._answered):
            self._asked_about = self._doubts
            self._go_on_reading()
        elif state.is_saved and self._engine.running is not None:
            self._engine.running.finish_reading(self._document(), self._finished, self._not_finished)

    def _finished(self, _answer: dict[str, Any]) -> None:
        reading = self._reading
        assert reading is not None
        self._tell(lambda one: one.reading_finished(reading))
        self._forget()

    def _not_finished(self, trouble: Trouble) -> None:
        self._failed(trouble)
        self._go_on_reading()

    def _doubted(self, doubts: tuple[str, ...]) -> None:
        self._doubts = doubts

    def _go_on_reading(self) -> None:
        self._is_finishing = False
        if self._work is not None:
            self._work.count_time(self._is_shown)
            self._show()

    def _imported(self, answer: dict[str, Any]) -> None:
        if self._work is None or self._is_finishing:
            return  # it came too late
        points = {label: (p[0], p[1], p[2]) for label, p in answer["imported"].items()}
        source = ImportedFile(answer["file"], tuple(answer["order"]))
        self._do(lambda state: state.with_points(points, source), f"Imported {source.file}")
        found = ", ".join(points) or "no landmark"
        text = " ".join((f"From {source.file}: {found}.", *answer["notes"]))
        self._tell(lambda one: one.noted(text))

    def _be_unsaved(self, trouble: Trouble) -> None:
        self._engine.running = None
        self._tell(lambda one: one.save_state_changed(SaveState(is_saved=False, trouble=trouble)))

    def _failed(self, trouble: Trouble) -> None:
        self._tell(lambda one: one.troubled(trouble))

    def _forget(self) -> None:
        was_open = self._reading is not None
        self._asked = self._reading = self._work = self._saver = None
        self._doubts = self._asked_about = self._answered = ()
        self._is_finishing = False
        if was_open:
            self._tell(lambda one: one.reading_closed())

    def _tell(self, what: Callable[[AnnotationOnlooker], None]) -> None:
        for onlooker in tuple(self._onlookers):
            what(onlooker)


def _nobody(_: object) -> None:
    """Nobody is there any more to be told."""
