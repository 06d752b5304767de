"""A reading as the landmark list of the scene asks for it: the current landmark moves, the others are locked."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.state import ReadingState
from fedkd_slicer.panel.review.state import Landmark, NotAllowed, PointLps, ReviewState


@dataclass(frozen=True)
class ShownLandmarks(ReviewState):
    """What the scene shows. ``current``: the landmark that can be moved."""

    current: str = ""

    @classmethod
    def of(cls, reading: ReadingState, current: str) -> ShownLandmarks:
        """Return a reading's landmarks."""
        return cls(tuple(_shown(reading, label, label == current) for label in LANDMARK_NAMES), current=current)

    def placed(self, label: str, position_lps_mm: PointLps) -> ReviewState:
        """Return the state with a landmark at a position.

        Raises:
            NotAllowed: another one is the current one.
        """
        if label != self.current:
            key = LANDMARK_NAMES.index(label) + 1
            raise NotAllowed(
                f"{self.current} is the landmark to place now. To move {label}, choose it first: key {key}."
            )
        return super().placed(label, position_lps_mm)


class SceneSideOfDesk:
    """The observer's desk as `LandmarkEditor` knows one."""

    def __init__(self, desk: AnnotationDesk) -> None:
        self._desk = desk

    @property
    def state(self) -> ShownLandmarks | None:
        """The landmarks as they are now; None: no reading is open."""
        reading = self._desk.state
        return None if reading is None else ShownLandmarks.of(reading, self._desk.current)

    def drag(self, label: str, position_lps_mm: PointLps) -> None:
        """Nothing follows a drag.

        Raises:
            NotAllowed: another landmark is the current one.
        """
        if self.state is not None:
            self.state.placed(label, position_lps_mm)

    def place(self, label: str, position_lps_mm: PointLps) -> None:
        """The mouse placed or moved a landmark.

        Raises:
            NotAllowed: another one is the current one.
        """
        self.drag(label, position_lps_mm)
        self._desk.place(label, position_lps_mm)

    def remove(self, label: str) -> None:
        """The mouse took a landmark away.

        Raises:
            NotAllowed: another one is the current one.
        """
        self.drag(label, (0.0, 0.0, 0.0))
        self._desk.reopen(label)


def _shown(reading: ReadingState, label: str, is_current: bool) -> Landmark:
    position = reading.landmark(label).position_lps_mm
    if position is None:
        return Landmark(label, "missing", None)
    # A locked point cannot be dragged by accident while another one is being placed.
    return Landmark(label, "corrected" if is_current else "accepted", position)
