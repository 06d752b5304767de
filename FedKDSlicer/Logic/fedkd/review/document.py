"""The content of review.json."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.reader_documents import PlainText, PointLps, ReaderRecord, require_the_seven

PointState = Literal["predicted", "corrected", "accepted", "missing"]
Decision = Literal["open", "accepted", "rejected"]
_MOST_EVENTS = 10_000

# A code, not a name: review files travel with their case.
ReaderCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,32}$")]
ShortText = Annotated[PlainText, Field(max_length=2000)]


class LandmarkReview(ReaderRecord):
    """One landmark: ``predicted`` as it came (from a model or a file), ``corrected`` by the reader, ``accepted``.

    A point that is ``missing`` has no position; all others have one.
    """

    label: str
    state: PointState
    position_lps_mm: PointLps | None

    @model_validator(mode="after")
    def _missing_points_are_nowhere(self) -> Self:
        if (self.state == "missing") != (self.position_lps_mm is None):
            raise ValueError(f"{self.label} is {self.state}, and its position is {self.position_lps_mm}")
        return self


class ReviewEvent(ReaderRecord):
    """One thing that was done, in words."""

    utc: datetime
    reader: ReaderCode
    action: ShortText


class ReviewDocument(ReaderRecord):
    """The review of one case.

    ``decision`` accepted: every landmark that is there was accepted. Rejected: with a ``reason``.
    """

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    case: str
    model_id: str | None = Field(description="the model that placed the landmarks first; null: none")
    reader: ReaderCode = Field(default="", description="a code, not a name")
    decision: Decision = "open"
    reason: ShortText = Field(default="", description="why the case was rejected")
    decided_by: ReaderCode = Field(default="", description="who accepted or rejected the case: a code, not a name")
    decided_utc: datetime | None = Field(default=None, description="when; null: it is open, or that was not recorded")
    comment: ShortText = ""
    calcium_threshold: str = Field(description="as chosen: HU such as 850, or lumen+100")
    landmarks: tuple[LandmarkReview, ...]
    events: tuple[ReviewEvent, ...] = Field(default=(), max_length=_MOST_EVENTS)
    started_utc: datetime
    saved_utc: datetime
    software: str

    @model_validator(mode="after")
    def _has_the_seven_landmarks(self) -> Self:
        require_the_seven([one.label for one in self.landmarks])
        return self

    @model_validator(mode="after")
    def _decision_is_founded(self) -> Self:
        if self.decision == "rejected" and not self.reason.strip():
            raise ValueError("a rejected case has a reason")
        if self.decision == "accepted":
            unseen = [one.label for one in self.landmarks if one.state not in ("accepted", "missing")]
            if unseen:
                raise ValueError(f"the case is accepted, but not {', '.join(unseen)}")
        return self

    @property
    def positions_lps_mm(self) -> dict[str, PointLps]:
        """Label -> position, only of landmarks that have one."""
        return {one.label: one.position_lps_mm for one in self.landmarks if one.position_lps_mm is not None}
