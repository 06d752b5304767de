"""Labeled points: the one form in which every reader returns, and every writer takes, landmarks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fedkd.confidence import Confidence, Level

LpsPosition = tuple[float, float, float]

# No scanner reaches further from its origin; a larger number is a damaged file or a wrong unit.
LARGEST_COORDINATE_MM = 10_000.0
LONGEST_LABEL = 200


@dataclass(frozen=True)
class LandmarkPoint:
    """One point.

    Args:
        label: its name, one line, not blank.
        position_lps_mm: (x, y, z) in LPS millimeters; None when the point was not found.
        confidence: 0 (a guess) to 1 (certain); None when nothing is known about it.
        description: free text for people.
        spread_mm: how far the passes and models that voted for the position lie from it (root mean square); None when
            it comes from a single look, or when nothing is known about it.
        is_calibrated: the confidence is a probability, see `Confidence`.

    Raises:
        ValueError: a value is out of its range; the message says which.
    """

    label: str
    position_lps_mm: LpsPosition | None
    confidence: float | None = None
    description: str = ""
    spread_mm: float | None = None
    is_calibrated: bool = False

    def __post_init__(self) -> None:
        _check_text(self.label, self.description)
        if self.position_lps_mm is not None:
            _check_position(self.label, self.position_lps_mm)
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"the confidence of {self.label!r} is {self.confidence}, not between 0 and 1")
        if self.spread_mm is not None and not 0.0 <= self.spread_mm <= LARGEST_COORDINATE_MM:
            raise ValueError(f"the spread of {self.label!r} is {self.spread_mm} mm, which cannot be")

    @property
    def is_defined(self) -> bool:
        """True when the point has a position."""
        return self.position_lps_mm is not None

    @property
    def judged(self) -> Confidence | None:
        """The confidence and what it is worth; None when nothing is known about it."""
        return None if self.confidence is None else Confidence(self.confidence, self.is_calibrated)

    @property
    def confidence_level(self) -> Level | None:
        """The word for the confidence; None where there is none, or where it is not calibrated."""
        return None if self.judged is None else self.judged.level


@dataclass(frozen=True)
class PointList:
    """Points in a fixed order, each label once.

    Args:
        points: the points; a point without a position keeps its place.
        notes: what a person should know about how the points were read; no part of equality.

    Raises:
        ValueError: two points have the same label.
    """

    points: tuple[LandmarkPoint, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for label in self.labels:
            if label in seen:
                raise ValueError(f"the label {label!r} is used by more than one point")
            seen.add(label)

    @classmethod
    def from_positions(
        cls,
        positions_lps_mm: Mapping[str, npt.ArrayLike | None],
        confidences: Mapping[str, float] | None = None,
    ) -> PointList:
        """Return points in the mapping's order; positions are 3 numbers in LPS mm, or None when not found."""
        known = confidences or {}
        return cls(
            tuple(
                LandmarkPoint(label, None if position is None else as_position(position), known.get(label))
                for label, position in positions_lps_mm.items()
            )
        )

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[LandmarkPoint]:
        return iter(self.points)

    def __contains__(self, label: object) -> bool:
        return label in self._by_label

    def __getitem__(self, label: str) -> LandmarkPoint:
        """Return the point called ``label``.

        Raises:
            KeyError: there is no such point.
        """
        return self._by_label[label]

    @cached_property
    def _by_label(self) -> dict[str, LandmarkPoint]:
        return {point.label: point for point in self.points}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in order."""
        return tuple(point.label for point in self.points)

    def position_lps_mm(self, label: str) -> LpsPosition | None:
        """Return the position of ``label`` in LPS mm; None when it is not in the list or was not found."""
        return self[label].position_lps_mm if label in self else None

    def confidences(self) -> dict[str, Confidence]:
        """Return label -> confidence, only of points of which one is known."""
        return {point.label: point.judged for point in self.points if point.judged is not None}

    def defined_positions_lps_mm(self) -> dict[str, LpsPosition]:
        """Return label -> position in LPS mm, only of points that have one."""
        return {point.label: point.position_lps_mm for point in self.points if point.position_lps_mm is not None}

    def missing(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return those of ``labels`` that are not in the list or have no position."""
        return tuple(label for label in labels if self.position_lps_mm(label) is None)

    def subset(self, labels: Sequence[str]) -> PointList:
        """Return the points called ``labels``, in that order, with this list's notes.

        Raises:
            KeyError: one of them is not in the list.
        """
        return PointList(tuple(self[label] for label in labels), self.notes)

    def relabeled(self, labels: Sequence[str]) -> PointList:
        """Return the same points called ``labels``, one for each point, in order.

        Raises:
            ValueError: the numbers differ, or a label is used twice.
        """
        renamed = tuple(replace(point, label=label) for point, label in zip(self.points, labels, strict=True))
        return PointList(renamed, self.notes)


def as_position(position_lps_mm: npt.ArrayLike) -> LpsPosition:
    """Return three numbers as a tuple of plain floats.

    Raises:
        ValueError: they are not three numbers.
    """
    values = np.asarray(position_lps_mm, dtype=float)
    if values.shape != (3,):
        raise ValueError(f"a position has three coordinates, not the shape {values.shape}")
    return float(values[0]), float(values[1]), float(values[2])


def _check_text(label: str, description: str) -> None:
    if not label or label != label.strip():
        raise ValueError(f"the label {label!r} is blank, or begins or ends with a blank")
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"a label has {len(label)} characters; at most {LONGEST_LABEL} are allowed")
    # Category C: control characters and lone surrogates, which no text file can hold.
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in label):
        raise ValueError(f"the label {label!r} holds a control character")
    if any(unicodedata.category(character) == "Cs" for character in description):
        raise ValueError(f"the description of {label!r} is no valid text")


def _check_position(label: str, position_lps_mm: LpsPosition) -> None:
    if len(position_lps_mm) != 3:
        raise ValueError(f"{label!r} has {len(position_lps_mm)} coordinates instead of three")
    for coordinate in position_lps_mm:
        if not math.isfinite(coordinate):
            raise ValueError(f"a coordinate of {label!r} is {coordinate}")
        if abs(coordinate) > LARGEST_COORDINATE_MM:
            raise ValueError(
                f"a coordinate of {label!r} is {coordinate:g} mm; at most {LARGEST_COORDINATE_MM:g} mm are believed"
            )
