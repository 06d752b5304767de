"""Who shows a reading: scene and widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.state import ReadingState, ReadLandmark
from fedkd_slicer.panel.engine.reading_client import CaseToRead
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.saver import SaveState


@dataclass(frozen=True)
class ReadingView:
    """The reading as it is now, for showing.

    Args:
        state: what was done.
        current: the landmark that the observer works on.
        undo_text: what undo would take back; empty: nothing.
        redo_text: what redo would do again; empty: nothing.
        doubts: what the observer is asked before the reading is finished, a sentence each.
    """

    state: ReadingState
    current: str
    undo_text: str
    redo_text: str
    doubts: tuple[str, ...] = ()

    @property
    def landmark(self) -> ReadLandmark:
        """The current landmark."""
        return self.state.landmark(self.current)


class AnnotationOnlooker(Protocol):
    """Called from within the desk's methods."""

    def cases_listed(self, cases: tuple[CaseToRead, ...]) -> None:
        """The observer's cases, in the order in which they are to be read."""
        ...

    def reading_opened(self, reading: OpenedReading) -> None:
        """A reading is open; `reading_changed` follows."""
        ...

    def reading_changed(self, view: ReadingView) -> None:
        """Landmarks, the current one, or texts are others."""
        ...

    def save_state_changed(self, state: SaveState) -> None:
        """The reading is being saved, was saved, or could not be."""
        ...

    def noted(self, text: str) -> None:
        """Something that is good to know."""
        ...

    def troubled(self, trouble: Trouble) -> None:
        """Something went wrong that the observer has to know."""
        ...

    def reading_finished(self, reading: OpenedReading) -> None:
        """The reading is written under the study's names; `reading_closed` follows."""
        ...

    def reading_closed(self) -> None:
        """There is no open reading."""
        ...
