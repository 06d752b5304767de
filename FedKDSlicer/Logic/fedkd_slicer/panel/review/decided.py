"""Who decided on a case, and when: read from what was done."""

from __future__ import annotations

from collections.abc import Sequence

from fedkd_slicer.panel.review.history import Event
from fedkd_slicer.panel.review.state import Decision

ACCEPTED_CASE = "Accepted the case"
REJECTED_CASE = "Rejected the case"
_UNDID = "Undid"


def last_decision(decision: Decision, events: Sequence[Event]) -> Event | None:
    """Return the event by which the case was decided as it is now; None: it is open, or there is no record."""
    action = {"accepted": ACCEPTED_CASE, "rejected": REJECTED_CASE, "open": None}[decision]
    if action is None:
        return None
    found = (event for event in reversed(events) if event.action.endswith(action) and not _is_undoing(event))
    return next(found, None)


def _is_undoing(event: Event) -> bool:
    return event.action.startswith(_UNDID)
