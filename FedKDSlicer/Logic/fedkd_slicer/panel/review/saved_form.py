"""A review as it goes to and comes from the engine: the JSON of review.json (review.schema.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fedkd_slicer.panel.review.decided import last_decision
from fedkd_slicer.panel.review.history import Event, History
from fedkd_slicer.panel.review.state import Landmark, PointLps, ReviewState


@dataclass(frozen=True)
class SavedReview:
    """What was saved: ``rest`` is what the panel only hands back."""

    state: ReviewState
    events: tuple[Event, ...]
    rest: dict[str, Any]

    @classmethod
    def read(cls, document: dict[str, Any], first_lps_mm: Mapping[str, PointLps]) -> SavedReview:
        """Return the review in a document that the engine has checked.

        Args:
            document: the content of review.json.
            first_lps_mm: where each landmark was before any reader moved it; landmarks that were nowhere are absent.
        """
        landmarks = tuple(
            Landmark(one["label"], one["state"], _point(one["position_lps_mm"]), first_lps_mm.get(one["label"]))
            for one in document["landmarks"]
        )
        texts = {key: document[key] for key in ("decision", "reason", "comment", "calcium_threshold")}
        events = tuple(
            Event(datetime.fromisoformat(one["utc"].replace("Z", "+00:00")), one["reader"], one["action"])
            for one in document["events"]
        )
        return cls(ReviewState(landmarks, **texts), events, dict(document))

    def with_history(self, history: History[ReviewState], reader: str) -> SavedReview:
        """Return the review as it is now, by this reader (a code)."""
        return replace(self, state=history.state, events=history.events, rest={**self.rest, "reader": reader})

    def document(self) -> dict[str, Any]:
        """Return the document to be saved."""
        state = self.state
        decided = last_decision(state.decision, self.events)
        return {
            **self.rest,
            "decision": state.decision,
            "decided_by": "" if decided is None else decided.reader,
            "decided_utc": None if decided is None else decided.utc.isoformat(),
            "reason": state.reason,
            "comment": state.comment,
            "calcium_threshold": state.calcium_threshold,
            "landmarks": [
                {"label": one.label, "state": one.state, "position_lps_mm": one.position_lps_mm}
                for one in state.landmarks
            ],
            "events": [
                {"utc": event.utc.isoformat(), "reader": event.reader, "action": event.action} for event in self.events
            ],
        }


def _point(numbers: Sequence[float] | None) -> PointLps | None:
    return None if numbers is None else (numbers[0], numbers[1], numbers[2])
