"""A reading at one moment. Every change is a new state, so that undo only has to go back to an old one.

All positions are LPS millimeters, as in the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.review.state import NotAllowed, PointLps

ReadState = Literal["open", "placed", "cannot be determined"]
LONGEST_TEXT = 500


@dataclass(frozen=True)
class ReadLandmark:
    """One landmark. Only a placed one has a position, and only one that cannot be determined has a reason.

    ``imported``: the position came from a file.
    """

    label: str
    state: ReadState = "open"
    position_lps_mm: PointLps | None = None
    reason: str = ""
    imported: bool = False


@dataclass(frozen=True)
class ImportedFile:
    """A file that points came from, and the order in which they were taken."""

    file: str
    order: tuple[str, ...]


@dataclass(frozen=True)
class ReadingState:
    """What was done so far. ``landmarks`` are the seven, in their order."""

    landmarks: tuple[ReadLandmark, ...]
    imported: tuple[ImportedFile, ...] = ()
    calcification: bool = False
    comment: str = ""

    def __post_init__(self) -> None:
        if tuple(one.label for one in self.landmarks) != LANDMARK_NAMES:
            raise ValueError("the landmarks are not the seven, in their order")

    def landmark(self, label: str) -> ReadLandmark:
        """Return the landmark of that name.

        Raises:
            KeyError: there is none.
        """
        return self.landmarks[_index(label)]

    @property
    def positions_lps_mm(self) -> dict[str, PointLps]:
        """Label -> position, only of landmarks that were placed."""
        return {one.label: one.position_lps_mm for one in self.landmarks if one.position_lps_mm is not None}

    @property
    def open_labels(self) -> tuple[str, ...]:
        """Landmarks of which nothing was said yet, in their order."""
        return tuple(one.label for one in self.landmarks if one.state == "open")

    def placed(self, label: str, position_lps_mm: PointLps) -> ReadingState:
        """Return the state with a landmark at a position."""
        return self._with(ReadLandmark(label, "placed", position_lps_mm))

    def undetermined(self, label: str, reason: str) -> ReadingState:
        """Return the state with a landmark that cannot be determined.

        Raises:
            NotAllowed: without a reason.
        """
        reason = reason.strip()[:LONGEST_TEXT]
        if not reason:
            raise NotAllowed(f"Give a reason why {label} cannot be determined.")
        return self._with(ReadLandmark(label, "cannot be determined", reason=reason))

    def reopened(self, label: str) -> ReadingState:
        """Return the state with nothing said of a landmark."""
        return self._with(ReadLandmark(label))

    def with_points(self, points_lps_mm: Mapping[str, PointLps], source: ImportedFile) -> ReadingState:
        """Return the state with points from a file; landmarks that it does not hold stay as they are."""
        after = replace(self, imported=(*self.imported, source))
        for label, position in points_lps_mm.items():
            after = after._with(ReadLandmark(label, "placed", position, imported=True))
        return after

    def changed_label(self, after: ReadingState) -> str | None:
        """Return the first landmark that is another one in ``after``; None: all are the same."""
        pairs = zip(self.landmarks, after.landmarks, strict=True)
        return next((one.label for one, other in pairs if one != other), None)

    def _with(self, changed: ReadLandmark) -> ReadingState:
        landmarks = tuple(changed if one.label == changed.label else one for one in self.landmarks)
        return replace(self, landmarks=landmarks)


def _index(label: str) -> int:
    try:
        return LANDMARK_NAMES.index(label)
    except ValueError:
        raise KeyError(label) from None
