"""What keys and buttons do to the open reading; what is refused is told, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.review.state import NotAllowed


class AnnotateActions:
    """The observer's desk, for slots.

    Args:
        desk: has the reading.
        told: hears what was refused, and why.
    """

    def __init__(self, desk: AnnotationDesk, told: Callable[[str], None]) -> None:
        self._desk, self._told = desk, told

    @property
    def current(self) -> str:
        """The landmark at hand."""
        return self._desk.current

    def choose(self, label: str) -> None:
        """Work on another landmark."""
        self._try(lambda: self._desk.choose(label))

    def choose_next(self) -> None:
        """Go on to the next landmark."""
        self._try(self._desk.choose_next)

    def undetermined(self, label: str, reason: str) -> None:
        """A landmark cannot be determined."""
        self._try(lambda: self._desk.undetermined(label, reason))

    def undo(self) -> None:
        """Go back one step."""
        self._try(self._desk.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        self._try(self._desk.redo)

    def comment(self, text: str) -> None:
        """Replace the comment, where it is another."""
        if self._desk.state is not None and text.strip() != self._desk.state.comment:
            self._try(lambda: self._desk.comment(text))

    def set_calcification(self) -> None:
        """The calcification was saved beside the reading."""
        self._try(lambda: self._desk.set_calcification(True))

    def import_points(self, path: Path, order: tuple[str, ...]) -> None:
        """Load points from a file or folder."""
        self._try(lambda: self._desk.import_points(path, order))

    def finish(self) -> None:
        """End the reading."""
        self._try(self._desk.finish)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except NotAllowed as refusal:
            self._told(str(refusal))
