"""The content of review.json."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.plain_text import printable
from fedkd.pointsets.points import LARGEST_COORDINATE_MM

PointState = Literal["predicted", "corrected", "accepted", "missing"]
Decision = Literal["open", "accepted", "rejected"]
_MOST_EVENTS = 10_000

_Coordinate = Annotated[float, Field(ge=-LARGEST_COORDINATE_MM, le=LARGEST_COORDINATE_MM)]
PointLps = tuple[_Coordinate, _Coordinate, _Coordinate]


def _plain(text: str) -> str:
    if printable(text) != text:
        raise ValueError("it holds characters that are no text")
    return text


# A code, not a name: review files travel with their case.
ReaderCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,32}$")]
ShortText = Annotated[str, Field(max_length=2000), AfterValidator(_plain)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


class LandmarkReview(_Record):
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


class ReviewEvent(_Record):
    """One thing that was done, in words."""

    utc: datetime
    reader: ReaderCode
    action: ShortText


class ReviewDocument(_Record):
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
    comment: ShortText = ""
    calcium_threshold: str = Field(description="as chosen: HU such as 850, or lumen+100")
    landmarks: tuple[LandmarkReview, ...]
    events: tuple[ReviewEvent, ...] = Field(default=(), max_length=_MOST_EVENTS)
    started_utc: datetime
    saved_utc: datetime
    software: str

    @model_validator(mode="after")
    def _has_the_seven_landmarks(self) -> Self:
        labels = tuple(one.label for one in self.landmarks)
        if labels != LANDMARK_NAMES:
            raise ValueError(f"the landmarks are {', '.join(labels)}, not {', '.join(LANDMARK_NAMES)}")
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
