"""What a panel asks of the engine and what it is answered: one JSON object a line, answers in the order of requests.

A request has an ``id``, which its answer repeats, and says under ``do`` what is wanted. Coordinates are LPS mm.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.provenance import PlacedBy
from fedkd.case.reader_documents import PointLps
from fedkd.cohort.messages import ErrorBody, FindingLine
from fedkd.confidence import Level
from fedkd.measurement.document import ShapesDocument
from fedkd.review.document import ReviewDocument
from fedkd.session.message import EngineMessage, EngineRequest
from fedkd.session.reading_messages import (
    FinishReadingRequest,
    ImportedAnswer,
    ImportPointsRequest,
    OpenReadingRequest,
    ReadingOpenedAnswer,
    ReadingSavedAnswer,
    SaveReadingRequest,
    WorklistAnswer,
    WorklistRequest,
)


class OpenRequest(EngineRequest):
    """Open a case folder; ``ct`` is the case's CT, null: the copy in its scene. Answered with `OpenedAnswer`."""

    do: Literal["open"]
    case: Path
    ct: Path | None = None


class FollowRequest(EngineRequest):
    """What follows landmarks while one is dragged. Answered with `FollowedAnswer`, within a tenth of a second."""

    do: Literal["follow"]
    points_lps_mm: dict[str, PointLps]


class MeasureRequest(EngineRequest):
    """Measure everything, in seconds. Answered with `MeasuredAnswer`; the case folder stays as it is."""

    do: Literal["measure"]
    points_lps_mm: dict[str, PointLps]
    calcium_threshold: str


class SaveRequest(EngineRequest):
    """Save the review, and the landmarks where they moved. Answered with `SavedAnswer`."""

    do: Literal["save"]
    review: ReviewDocument


AnyRequest = (
    OpenRequest
    | FollowRequest
    | MeasureRequest
    | SaveRequest
    | WorklistRequest
    | OpenReadingRequest
    | SaveReadingRequest
    | FinishReadingRequest
    | ImportPointsRequest
)
Request = Annotated[AnyRequest, Field(discriminator="do")]
REQUESTS: TypeAdapter[AnyRequest] = TypeAdapter(Request)


class QuantityLine(EngineMessage):
    """A measurement as people read it: ``text`` with its unit, or the ``reason`` why there is none."""

    key: str
    group: str
    name: str
    text: str
    reason: str
    published: str
    outside: bool
    value: float | str | None
    unit: str


class LandmarkLine(EngineMessage):
    """A landmark as it lies in the case folder, and how sure who placed it was.

    ``first_lps_mm``: where the model, or the file, had it; null: nowhere.
    """

    label: str
    position_lps_mm: PointLps | None
    first_lps_mm: PointLps | None
    confidence: float | None
    confidence_level: Level | None = Field(description="null: the confidence is not calibrated")
    confidence_text: str = Field(description="number and word, such as 0.98 (high); empty: nothing is known")
    spread_mm: float | None = Field(description="of passes and models around the position; null: not known")
    description: str
    placed_by: PlacedBy


class OpenedAnswer(EngineMessage):
    """The case. ``ct_file`` is one file that any program reads; it stays as long as the session.

    ``calcification_file``: see `MeasuredAnswer`.
    """

    id: int
    opened: Literal[True] = True
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    case: str
    folder: Path
    model_id: str | None
    notes: tuple[str, ...]
    landmarks: tuple[LandmarkLine, ...]
    review: ReviewDocument
    quantities: tuple[QuantityLine, ...]
    findings: tuple[FindingLine, ...]
    shapes: ShapesDocument | None
    ct_file: Path
    calcification_file: Path | None


class FollowedAnswer(EngineMessage):
    """What was measured anew; measurements that are not among ``quantities`` are out of date until measured."""

    id: int
    followed: Literal[True] = True
    quantities: tuple[QuantityLine, ...]
    findings: tuple[FindingLine, ...]
    shapes: ShapesDocument


class MeasuredAnswer(EngineMessage):
    """Everything. ``calcification_file``: see below; null: calcium could not be measured.

    It is a segmentation, cut to what is marked, with a segment for each part of the root where they are told apart.
    Each answer has a file of its own, which stays until there are two newer ones.
    """

    id: int
    measured: Literal[True] = True
    quantities: tuple[QuantityLine, ...]
    findings: tuple[FindingLine, ...]
    shapes: ShapesDocument
    calcification_file: Path | None


class SavedAnswer(EngineMessage):
    """The review as it was saved."""

    id: int
    saved: ReviewDocument


class ErrorAnswer(EngineMessage):
    """A request that failed; the session goes on. ``id`` is null where the request had none that could be read."""

    id: int | None
    error: ErrorBody


Answer = (
    OpenedAnswer
    | FollowedAnswer
    | MeasuredAnswer
    | SavedAnswer
    | WorklistAnswer
    | ReadingOpenedAnswer
    | ReadingSavedAnswer
    | ImportedAnswer
    | ErrorAnswer
)


class SessionLines(EngineMessage):
    """Both directions, for the schema."""

    request: Request
    answer: Answer
