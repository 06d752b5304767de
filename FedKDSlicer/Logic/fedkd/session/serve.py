"""``fedkd session``: answers requests until its input ends, as it does when the panel is gone."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from fedkd.case.layout import ERROR_LOG_SUFFIX
from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.session.messages import (
    REQUESTS,
    Answer,
    ErrorAnswer,
    FollowRequest,
    MeasureRequest,
    OpenRequest,
    SaveRequest,
)
from fedkd.session.open_case import OpenCase

# The largest request is a review with its events; a line without end must not fill the memory.
_LONGEST_LINE = 20_000_000


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
    """At most one open case at a time.

    Args:
        scratch: an empty folder for copies of CTs.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open = contextlib.ExitStack()
        self._case: OpenCase | None = None
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
            if isinstance(request, OpenRequest):
                self._folder = request.case
            log = self._folder.with_name(f"{self._folder.name}{ERROR_LOG_SUFFIX}")
            return _error(request.id, as_fedkd_error(error, self._folder.parent, log))

    def _do(self, request: OpenRequest | FollowRequest | MeasureRequest | SaveRequest) -> Answer:
        if isinstance(request, OpenRequest):
            return self._open_case(request)
        if self._case is None:
            raise _not_understood("no case is open")
        if isinstance(request, FollowRequest):
            return self._case.follow(request)
        if isinstance(request, MeasureRequest):
            return self._case.measure(request)
        return self._case.save(request)

    def _open_case(self, request: OpenRequest) -> Answer:
        self._case = None
        self._open.close()  # the earlier case: its lock, and its CT's memory
        scratch = Path(self._open.enter_context(tempfile.TemporaryDirectory(dir=self._scratch)))
        self._case = self._open.enter_context(OpenCase(request, scratch))
        self._folder = request.case
        return self._case.opened()


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
