"""What the processes of a federation tell their callers, and are told: one JSON object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fedkd.cohort.messages import ErrorBody
from fedkd.federation.names import Frozen, Sha256
from fedkd.federation.replies import SiteReply

ConnectionState = Literal["starting", "connected", "lost", "stopped"]


class _Message(Frozen):
    def line(self) -> str:
        """Return the message as one line of JSON, without the line's end."""
        return self.model_dump_json()


class ReadyLine(_Message):
    """The process runs, and this is what it runs."""

    what: Literal["ready"] = "ready"
    role: Literal["site", "coordinator"]
    name: str
    study_sha256: Sha256 | None = None
    versions: dict[str, str] = Field(default={})


class ConnectionLine(_Message):
    """How a site stands with the coordinator, or the coordinator with a site; ``message`` is for people."""

    what: Literal["connection"] = "connection"
    site: str
    state: ConnectionState
    message: str = ""


class StageLine(_Message):
    """A stage of the study begins, goes on, or is finished."""

    what: Literal["stage"] = "stage"
    stage: str
    state: Literal["started", "resumed", "done", "skipped"]
    rounds: int
    round: int


class RoundLine(_Message):
    """A round is finished: what each site answered, and who was missing or left out, why."""

    what: Literal["round"] = "round"
    kind: Literal["train", "collect", "label", "evaluate"]
    stage: str
    round: int
    rounds: int
    answers: tuple[SiteReply, ...]
    missing: dict[str, str] = Field(default={})
    refused: dict[str, str] = Field(default={})
    moved: float | None = Field(default=None, description="how far the round moved the network; null: no training")
    seconds: float
    try_number: int = 1


class ProgressLine(_Message):
    """How far the work at hand is, from 0 to 1."""

    what: Literal["progress"] = "progress"
    site: str = ""
    stage: str
    round: int
    fraction: float = Field(ge=0, le=1)
    message: str


class NoteLine(_Message):
    """Something that the operator should know, in plain words."""

    what: Literal["note"] = "note"
    message: str


class ResultLine(_Message):
    """The end: where the results are."""

    what: Literal["result"] = "result"
    output: str
    package: str | None = None
    package_sha256: Sha256 | None = None
    table: str | None = None


class ErrorLine(_Message):
    """The end: what went wrong."""

    what: Literal["error"] = "error"
    error: ErrorBody


Message = Annotated[
    ReadyLine | ConnectionLine | StageLine | RoundLine | ProgressLine | NoteLine | ResultLine | ErrorLine,
    Field(discriminator="what"),
]
AnyMessage = ReadyLine | ConnectionLine | StageLine | RoundLine | ProgressLine | NoteLine | ResultLine | ErrorLine
MESSAGES: TypeAdapter[AnyMessage] = TypeAdapter(Message)


class Command(_Message):
    """What a caller asks of a running process. ``pause``: after the round at hand; ``stop``: now."""

    command: Literal["start", "pause", "resume", "stop", "status"]
