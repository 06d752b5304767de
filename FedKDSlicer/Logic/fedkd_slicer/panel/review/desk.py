"""The reader's desk: one open case, what the reader does to it, and who has to know.

It owns the review; scene and widgets show it and hand it what the reader did. Every step is saved at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from fedkd_slicer.panel.engine.leaving import Leaving
from fedkd_slicer.panel.engine.session_client import Answered, Failed, PointsLps
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.decided import ACCEPTED_CASE, REJECTED_CASE
from fedkd_slicer.panel.review.history import Event, History
from fedkd_slicer.panel.review.live_measurements import LiveMeasurements, Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import Saver, SaveState
from fedkd_slicer.panel.review.state import NotAllowed, PointLps, ReviewState


class Engine(Protocol):
    """A session with the engine: `SessionClient`."""

    def open_case(self, folder: Path, ct: Path | None, answered: Answered, failed: Failed) -> None: ...
    def follow(self, points_lps_mm: PointsLps, answered: Answered, failed: Failed) -> None: ...
    def measure(self, points_lps_mm: PointsLps, threshold: str, answered: Answered, failed: Failed) -> None: ...
    def save(self, review: dict[str, Any], answered: Answered, failed: Failed) -> None: ...
    def look(self) -> None: ...
    def close(self) -> None: ...
    @property
    def is_gone(self) -> bool: ...


class StartEngine(Protocol):
    """Starts a session; ``died`` is told when it ends unasked."""

    def __call__(self, died: Failed) -> Engine: ...


@dataclass(frozen=True)
class Review:
    """The review as it is now, for showing. ``undo_text``: what undo would take back; empty: nothing."""

    state: ReviewState
    undo_text: str
    redo_text: str
    events: tuple[Event, ...] = ()


class Onlooker(Protocol):
    """Scene or widgets: whoever shows the open case. Called from within the desk's methods."""

    def case_opened(self, case: OpenedCase) -> None:
        """A case is open; `review_changed` and `measurements_changed` follow."""
        ...

    def review_changed(self, review: Review) -> None:
        """Landmarks, states, decision, comment or threshold are others."""
        ...

    def measurements_changed(self, measurements: Measurements) -> None:
        """Numbers, findings, shapes or calcification are others, or became out of date."""
        ...

    def save_state_changed(self, state: SaveState) -> None:
        """The review is being saved, was saved, or could not be."""
        ...

    def troubled(self, trouble: Trouble) -> None:
        """Something went wrong that the reader has to know."""
        ...

    def case_closed(self) -> None:
        """There is no open case."""
        ...


class Desk:
    """At most one open case.

    Args:
        start_engine: starts a session.
        reader: returns the code of whoever reviews.
    """

    def __init__(self, start_engine: StartEngine, reader: Callable[[], str]) -> None:
        self._start_engine = start_engine
        self._reader = reader
        self._onlookers: list[Onlooker] = []
        self._refusals: list[Callable[[], Trouble | None]] = []
        self._engine: Engine | None = None
        self._leaving = Leaving()
        self._opening: tuple[Path, Path | None] | None = None
        self._case: OpenedCase | None = None
        self._history: History[ReviewState] | None = None
        self._saver: Saver | None = None
        self._live: LiveMeasurements | None = None

    def add(self, onlooker: Onlooker) -> None:
        """Let somebody show the open case from now on."""
        self._onlookers.append(onlooker)

    def refuse_while(self, why_not: Callable[[], Trouble | None]) -> None:
        """Open no case while ``why_not`` returns a reason: onlookers are told that instead."""
        self._refusals.append(why_not)

    @property
    def case(self) -> OpenedCase | None:
        """The open case."""
        return self._case

    @property
    def ct(self) -> Path | None:
        """The CT that the open case was opened with; None: the copy in its scene."""
        return None if self._opening is None else self._opening[1]

    @property
    def state(self) -> ReviewState | None:
        """The review as it is now."""
        return None if self._history is None else self._history.state

    @property
    def is_at_work(self) -> bool:
        """True while a case is open or being opened."""
        return self._engine is not None or self._opening is not None

    @property
    def has_left(self) -> bool:
        """True once no engine of a closed case holds anything any more."""
        return not self._leaving.any_left

    @property
    def needs_look(self) -> bool:
        """True while `look` has to be called."""
        return self.is_at_work or not self.has_left

    @property
    def is_saved(self) -> bool:
        """False while something the reader did is not on disk."""
        return self.save_state.is_saved

    @property
    def save_state(self) -> SaveState:
        """How saving goes."""
        return SaveState() if self._saver is None else self._saver.state

    def open(self, folder: Path, ct: Path | None) -> None:
        """Open a case folder; onlookers are told when it is there, or why not."""
        refusal = next((trouble for why_not in self._refusals if (trouble := why_not()) is not None), None)
        if refusal is not None:
            self._tell(lambda one: one.troubled(refusal))
            return
        self.close()
        self._opening = (folder, ct)
        self._begin_once_free()

    def close(self) -> None:
        """Close the open case, without waiting. What was done is saved already, or is being saved."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
            self._leaving.add(engine)
        was_open = self._case is not None
        self._opening = self._case = self._history = self._saver = self._live = None
        if was_open:
            self._tell(lambda one: one.case_closed())

    def look(self) -> None:
        """Hear the engine; to be called every few hundredths of a second."""
        if self._engine is not None:
            self._engine.look()
        elif self._opening is not None:
            self._begin_once_free()

    def end(self) -> None:
        """Close the open case, and wait for what is being saved: the panel goes away."""
        self.close()
        self._leaving.wait()

    def drag(self, label: str, position_lps_mm: PointLps) -> None:
        """A landmark is being dragged: measurements follow, the review does not yet.

        Raises:
            NotAllowed: it was accepted.
        """
        if self._history is not None and self._live is not None:
            self._live.follow(self._history.state.placed(label, position_lps_mm).positions_lps_mm)

    def place(self, label: str, position_lps_mm: PointLps) -> None:
        """A landmark was placed, or a drag has ended.

        Raises:
            NotAllowed: it was accepted.
        """
        known = self._need_state().landmark(label).position_lps_mm is not None
        self._do(lambda state: state.placed(label, position_lps_mm), f"{'Moved' if known else 'Placed'} {label}")

    def remove(self, label: str) -> None:
        """A landmark cannot be seen: take its position away.

        Raises:
            NotAllowed: it was accepted.
        """
        self._do(lambda state: state.removed(label), f"Took away {label}")

    def toggle_accepted(self, label: str) -> None:
        """Accept a landmark, or take that back.

        Raises:
            NotAllowed: it has no position.
        """
        if self._need_state().landmark(label).is_locked:
            self._do(lambda state: state.taken_back(label), f"Unlocked {label}")
        else:
            self._do(lambda state: state.accepted(label), f"Accepted {label}")

    def accept_all(self) -> None:
        """Accept every landmark that is there, and the case.

        Raises:
            NotAllowed: there is none.
        """
        self._do(lambda state: state.all_accepted(), ACCEPTED_CASE)

    def reject(self, reason: str) -> None:
        """Reject the case.

        Raises:
            NotAllowed: without a reason.
        """
        self._do(lambda state: state.rejected(reason), REJECTED_CASE)

    def reopen(self) -> None:
        """Take the decision on the case back."""
        self._do(lambda state: state.reopened(), "Took the decision back")

    def comment(self, text: str) -> None:
        """Replace the comment."""
        self._do(lambda state: replace(state, comment=text), "Changed the comment")

    def set_calcium_threshold(self, threshold: str) -> None:
        """Choose from what brightness on a voxel may be calcium: lumen+100, or HU."""
        self._do(lambda state: replace(state, calcium_threshold=threshold), f"Calcium threshold {threshold}")

    def undo(self) -> None:
        """Go back one step."""
        if self._history is not None:
            self._went(self._history.state, self._history.undo(self._reader()))

    def redo(self) -> None:
        """Do again what was undone."""
        if self._history is not None:
            self._went(self._history.state, self._history.redo(self._reader()))

    def _begin_once_free(self) -> None:
        # The case may be the one that an earlier engine still saves to.
        if self._opening is not None and self.has_left:
            self._engine = self._start_engine(self._engine_died)
            self._engine.open_case(*self._opening, self._opened, self._not_opened)

    def _do(self, change: Callable[[ReviewState], ReviewState], action: str) -> None:
        before = self._need_state()
        assert self._history is not None
        self._went(before, self._history.do(change(before), action, self._reader()))

    def _need_state(self) -> ReviewState:
        if self._history is None:
            raise NotAllowed("No case is open. Open one first.")
        return self._history.state

    def _went(self, before: ReviewState, changed: bool) -> None:
        assert self._history is not None and self._live is not None  # noqa: PT018
        # Even where nothing changed: a point that was dragged and put back may lie elsewhere in the scene.
        self._show_review()
        after = self._history.state
        if not changed:
            self._live.measure_if_stale(after.positions_lps_mm, after.calcium_threshold)
            return
        self._save()
        if after.positions_lps_mm != before.positions_lps_mm or after.calcium_threshold != before.calcium_threshold:
            self._live.measure(after.positions_lps_mm, after.calcium_threshold)

    def _show_review(self) -> None:
        assert self._history is not None
        history = self._history
        review = Review(history.state, history.undo_text, history.redo_text, history.events)
        self._tell(lambda one: one.review_changed(review))

    def _save(self) -> None:
        assert self._case is not None and self._history is not None and self._saver is not None  # noqa: PT018
        self._saver.save(self._case.review.with_history(self._history, self._reader()).document())

    def _opened(self, answer: dict[str, Any]) -> None:
        case = OpenedCase.read(answer)
        assert self._engine is not None
        interrupted = self._history  # the engine died, and the case is open again
        self._case = case
        self._history = interrupted or History(case.review.state, case.review.events)
        self._saver = Saver(self._engine, lambda state: self._tell(lambda one: one.save_state_changed(state)))
        self._live = LiveMeasurements(self._engine, case, self._measured, self._failed)
        self._tell(lambda one: one.case_opened(case))
        self._show_review()
        self._live.show()
        if interrupted is not None:
            self._save()
            self._live.measure(interrupted.state.positions_lps_mm, interrupted.state.calcium_threshold)

    def _not_opened(self, trouble: Trouble) -> None:
        was_shown = self._history is not None  # the engine died, and the case could not be opened again
        self._tell(lambda one: one.troubled(trouble))
        self._history = None
        self.close()
        if was_shown:
            self._tell(lambda one: one.case_closed())

    def _engine_died(self, trouble: Trouble) -> None:
        self._engine = None
        opening, was_open = self._opening, self._case is not None
        if opening is None or not was_open:
            return  # `_not_opened` has told
        self._tell(lambda one: one.troubled(trouble))
        # Open again, with what the reader did; if that fails, `_not_opened` tells.
        self._case = None
        self._engine = self._start_engine(self._engine_died)
        self._engine.open_case(*opening, self._opened, self._not_opened)

    def _measured(self, measurements: Measurements) -> None:
        self._tell(lambda one: one.measurements_changed(measurements))

    def _failed(self, trouble: Trouble) -> None:
        self._tell(lambda one: one.troubled(trouble))

    def _tell(self, what: Callable[[Onlooker], None]) -> None:
        for onlooker in tuple(self._onlookers):
            what(onlooker)
