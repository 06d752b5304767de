"""What a reader decided about the case: accepted or rejected, who, when, and what was done to which point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from fedkd.report.content import CaseContent
from fedkd.review import LandmarkReview, ReviewDocument

_UNKNOWN_READER = "a reader who gave no code"


@dataclass(frozen=True)
class DecisionPart:
    """The decision as shown.

    Args:
        headline: in one sentence.
        is_settled: the case was accepted, and its points are those that were accepted.
        lines: what else is to be said of it, as (name, text).
    """

    headline: str
    is_settled: bool
    lines: tuple[tuple[str, str], ...] = ()


def decision_of(content: CaseContent) -> DecisionPart:
    """Return what is to be said of the reader's decision, also where there is none."""
    review = content.review
    if review is None:
        return DecisionPart("No reader has reviewed this case.", is_settled=False)
    is_settled = review.decision == "accepted" and not content.moved_since_review
    return DecisionPart(_headline(review, content.moved_since_review), is_settled, _lines(content, review))


def point_decision(content: CaseContent, label: str) -> str:
    """Return what was decided on one landmark; empty where nobody has reviewed the case."""
    if content.review is None:
        return ""
    accepted = _labels(content.review, "accepted")
    return "accepted" if label in accepted and label not in content.moved_since_review else "not accepted"


def _headline(review: ReviewDocument, moved: tuple[str, ...]) -> str:
    if review.decision == "open":
        return "Not decided: the review of this case was begun and not ended."
    by = f"by {review.decided_by or _UNKNOWN_READER}{_at(review.decided_utc)}"
    if review.decision == "rejected":
        return f"Rejected {by}."
    if moved:
        return f"Accepted {by}, but not as it is now: {', '.join(moved)} moved since. Review the case again."
    return f"Accepted {by}."


def _at(time: datetime | None) -> str:
    return f", {time:%Y-%m-%d %H:%M} UTC" if time else ""


def _lines(content: CaseContent, review: ReviewDocument) -> tuple[tuple[str, str], ...]:
    readers = dict.fromkeys(event.reader for event in review.events if event.reader)
    accepted = [label for label in _labels(review, "accepted") if label not in content.moved_since_review]
    waiting = [one.label for one in review.landmarks if one.label not in accepted and one.state != "missing"]
    lines = (
        ("Reason", review.reason),
        ("Comment", review.comment),
        ("Points accepted", ", ".join(accepted)),
        ("Points not accepted", ", ".join(waiting)),
        ("Points corrected", ", ".join(text for one in review.landmarks if (text := _correction(content, one)))),
        ("Points without a place", ", ".join(_labels(review, "missing"))),
        ("Readers", ", ".join(readers) if len(readers) > 1 else ""),
    )
    return tuple((name, text) for name, text in lines if text)


def _labels(review: ReviewDocument, state: str) -> list[str]:
    return [one.label for one in review.landmarks if one.state == state]


def _correction(content: CaseContent, landmark: LandmarkReview) -> str:
    """Return what a reader did to the point; empty where it is as it came, or where that is not known."""
    known = content.origin.placed(landmark.label)
    first = None if known is None else known.first_lps_mm
    now = landmark.position_lps_mm
    if now is None:
        return "" if first is None else f"{landmark.label} (taken away)"
    if known is None or known.placed_by != "reader":
        return landmark.label if landmark.state == "corrected" else ""
    return f"{landmark.label} ({'placed by hand' if first is None else f'moved {math.dist(first, now):.1f} mm'})"
