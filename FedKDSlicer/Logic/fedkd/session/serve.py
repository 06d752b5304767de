"""``fedkd session``: answers requests until its input ends, as it does when the panel is gone."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO, TypeVar

from pydantic import ValidationError

from fedkd.case.layout import ERROR_LOG_SUFFIX
from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.session.messages import (
    REQUESTS,
    Answer,
    AnyRequest,
    ErrorAnswer,
    FollowRequest,
    MeasureRequest,
    OpenRequest,
    SaveRequest,
)
from fedkd.session.open_case import OpenCase
from fedkd.session.open_reading import OpenReading, answer_worklist
from fedkd.session.reading_messages import (
    FinishReadingRequest,
    ImportPointsRequest,
    OpenReadingRequest,
    SaveReadingRequest,
    WorklistRequest,
)

# The largest request is a review with its events; a line without end must not fill the memory.
_LONGEST_LINE = 20_000_000
_Opened = TypeVar("_Opened")


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer each line of ``requests`` with one line of ``answers``."""
    with tempfile.TemporaryDirectory(prefix="fedkd-session-") as scratch, Session(Path(scratch)) as session:
        for line in _lines(requests):
            answers.write(session.answer(line).model_dump_json() + "\n")
            answers.flush()


def claim_stdout() -> TextIO:
    """Return the pipe for answers; whatever libraries print goes to stderr from now on."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


class Session:
    """At most one open case, or reading, at a time.

    Args:
        scratch: an empty folder for copies of CTs.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open = contextlib.ExitStack()
        self._case: OpenCase | None = None
        self._reading: OpenReading | None = None
        self._folder = scratch / "session"

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def answer(self, line: str) -> Answer:
        """Return the answer to a request; whatever goes wrong is an answer, too."""
        try:
            request = REQUESTS.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            return _error(_id_of(line), _not_understood(f"{place}: {first['msg']}"))
        try:
            return self._do(request)
        except Exception as error:  # noqa: BLE001 - the reader's work in the panel must not be lost with the session
            log = self._folder.with_name(f"{self._folder.name}{ERROR_LOG_SUFFIX}")
            return _error(request.id, as_fedkd_error(error, self._folder.parent, log))

    def _do(self, request: AnyRequest) -> Answer:
        match request:
            case OpenRequest():
                return self._open_case(request)
            case OpenReadingRequest():
                return self._open_reading(request)
            case WorklistRequest():
                return answer_worklist(request)
            case FollowRequest():
                return self._need(self._case).follow(request)
            case MeasureRequest():
                return self._need(self._case).measure(request)
            case SaveRequest():
                return self._need(self._case).save(request)
            case SaveReadingRequest():
                return self._need(self._reading).save(request)
            case FinishReadingRequest():
                return self._need(self._reading).finish(request)
            case ImportPointsRequest():
                return self._need(self._reading).import_points(request)

    def _need(self, opened: _Opened | None) -> _Opened:
        if opened is None:
            raise _not_understood("no case is open")
        return opened

    def _open_case(self, request: OpenRequest) -> Answer:
        scratch = self._close_earlier(request.case)
        self._case = self._open.enter_context(OpenCase(request, scratch))
        return self._case.opened()

    def _open_reading(self, request: OpenReadingRequest) -> Answer:
        scratch = self._close_earlier(request.readings / request.case)
        self._reading = self._open.enter_context(OpenReading(request, scratch))
        return self._reading.opened()

    def _close_earlier(self, folder: Path) -> Path:
        """Give up the earlier case, its lock and its CT's memory; return an empty folder for the next."""
        self._case, self._reading, self._folder = None, None, folder
        self._open.close()
        return Path(self._open.enter_context(tempfile.TemporaryDirectory(dir=self._scratch)))


def _lines(requests: TextIO) -> Iterable[str]:
    while line := requests.readline(_LONGEST_LINE):
        if line.strip():
            yield line


def _id_of(line: str) -> int | None:
    try:
        number = json.loads(line)["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return number if isinstance(number, int) else None


def _error(number: int | None, error: FedkdError) -> ErrorAnswer:
    return ErrorAnswer(id=number, error=ErrorBody.of(error))


def _not_understood(why: str) -> FedkdError:
    return FedkdError(
        ExitCode.USAGE,
        f"The request was not understood: {why}.",
        where="fedkd session",
        what_to_do="The panel and the engine may be of different versions: install both anew.",
    )
