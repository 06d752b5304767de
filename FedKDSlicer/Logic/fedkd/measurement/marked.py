"""From the marks in a case folder to what measuring takes."""

from __future__ import annotations

from fedkd.case.marked_calcium import CalciumMarks
from fedkd.measurement.calcium import Marks, ReaderMarks


def as_measured(marks: CalciumMarks | None) -> Marks | None:
    """Return a model's marks as an image, a reader's as `ReaderMarks`; None: nobody gave an opinion."""
    if marks is None:
        return None
    return ReaderMarks(marks.image) if marks.by_reader else marks.image
