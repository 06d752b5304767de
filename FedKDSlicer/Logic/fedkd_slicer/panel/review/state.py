"""The review of one case at one moment. Every change is a new state, so that undo only has to go back to an old one.

All positions are LPS millimeters, as in the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import is_same_place

PointState = Literal["predicted", "corrected", "accepted", "missing"]
Decision = Literal["open", "accepted", "rejected"]
PointLps = tuple[float, float, float]


class NotAllowed(Exception):  # noqa: N818 - an answer to the reader, not a fault
    """An action that cannot be done; the message is a plain sentence that says why, and what to do."""


@dataclass(frozen=True)
class Landmark:
    """One landmark. A missing one has no position.

    ``first_lps_mm``: where the model or the file had it that placed it first; None: nowhere, or it is not known.
    """

    label: str
    state: PointState
    position_lps_mm: PointLps | None
    first_lps_mm: PointLps | None = None

    def at(self, position_lps_mm: PointLps) -> Landmark:
        """Return the landmark, not accepted, at a position."""
        there = replace(self, position_lps_mm=position_lps_mm)
        return replace(there, state="predicted" if there.is_where_it_was_first else "corrected")

    @property
    def is_where_it_was_first(self) -> bool:
        """True where no reader has moved it: what the model said of it holds."""
        return self.position_lps_mm is not None and is_same_place(self.position_lps_mm, self.first_lps_mm)

    @property
    def is_locked(self) -> bool:
        """True when it was accepted: it does not move until that is taken back."""
        return self.state == "accepted"


@dataclass(frozen=True)
class ReviewState:
    """What was decided so far. ``landmarks`` are the seven, in their order."""

    landmarks: tuple[Landmark, ...]
    decision: Decision = "open"
    reason: str = ""
    comment: str = ""
    calcium_threshold: str = "lumen+100"

    def __post_init__(self) -> None:
        if tuple(one.label for one in self.landmarks) != LANDMARK_NAMES:
            raise ValueError("the landmarks are not the seven, in their order")

    def landmark(self, label: str) -> Landmark:
        """Return the landmark of that name.

        Raises:
            KeyError: there is none.
        """
        for one in self.landmarks:
            if one.label == label:
                return one
        raise KeyError(label)

    @property
    def positions_lps_mm(self) -> dict[str, PointLps]:
        """Label -> position, only of landmarks that have one."""
        return {one.label: one.position_lps_mm for one in self.landmarks if one.position_lps_mm is not None}

    @property
    def not_yet_accepted(self) -> tuple[str, ...]:
        """Landmarks that are there and were not accepted."""
        return tuple(one.label for one in self.landmarks if one.state in ("predicted", "corrected"))

    def placed(self, label: str, position_lps_mm: PointLps) -> ReviewState:
        """Return the state with a landmark moved to, or placed at, a position.

        Raises:
            NotAllowed: it was accepted.
        """
        self.require_unlocked(label)
        return self._with(self.landmark(label).at(position_lps_mm))

    def removed(self, label: str) -> ReviewState:
        """Return the state without a position for a landmark: it cannot be seen in this CT.

        Raises:
            NotAllowed: it was accepted.
        """
        self.require_unlocked(label)
        return self._with(replace(self.landmark(label), state="missing", position_lps_mm=None))

    def accepted(self, label: str) -> ReviewState:
        """Return the state with a landmark accepted where it is.

        Raises:
            NotAllowed: it has no position.
        """
        one = self.landmark(label)
        if one.position_lps_mm is None:
            raise NotAllowed(f"{label} has no position. Place it first, with P.")
        return self._with(replace(one, state="accepted"))

    def taken_back(self, label: str) -> ReviewState:
        """Return the state with a landmark no longer accepted, so that it can be moved."""
        one = self.landmark(label)
        return self if one.position_lps_mm is None else self._with(one.at(one.position_lps_mm))

    def all_accepted(self) -> ReviewState:
        """Return the state with every landmark that is there, and the case, accepted.

        Raises:
            NotAllowed: no landmark is there.
        """
        if not self.positions_lps_mm:
            raise NotAllowed("There is no landmark to accept. Place the landmarks, or reject the case.")
        landmarks = tuple(
            one if one.position_lps_mm is None else replace(one, state="accepted") for one in self.landmarks
        )
        return replace(self, landmarks=landmarks, decision="accepted", reason="")

    def rejected(self, reason: str) -> ReviewState:
        """Return the state with the case rejected.

        Raises:
            NotAllowed: no reason was given.
        """
        if not reason.strip():
            raise NotAllowed("Give a reason for rejecting the case.")
        return replace(self, decision="rejected", reason=reason.strip())

    def reopened(self) -> ReviewState:
        """Return the state with no decision on the case."""
        return replace(self, decision="open", reason="")

    def require_unlocked(self, label: str) -> None:
        """Check that a landmark may be moved.

        Raises:
            NotAllowed: it was accepted.
        """
        if self.landmark(label).is_locked:
            raise NotAllowed(f"{label} was accepted and is locked. Press Space to unlock it.")

    def _with(self, changed: Landmark) -> ReviewState:
        landmarks = tuple(changed if one.label == changed.label else one for one in self.landmarks)
        after = replace(self, landmarks=landmarks)
        # A case is accepted with these points and no others.
        undecided = self.decision == "accepted" and bool(after.not_yet_accepted)
        return after.reopened() if undecided else after
