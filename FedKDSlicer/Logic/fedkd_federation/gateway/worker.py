"""The gateway as a process: requests in, JSON lines out; it ends, and nginx with it, when its input does."""

from __future__ import annotations

import contextlib
import json
import queue
from pathlib import Path

from pydantic import BaseModel, ValidationError

from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.channel import Channel, listen
from fedkd_federation.gateway.actions import act
from fedkd_federation.gateway.answers import ErrorAnswer, RenewedEvent, ServingAnswer
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.documents import first_problem
from fedkd_federation.gateway.requests import (
    REQUESTS,
    AnyRequest,
    ServeCoordinatorRequest,
    ServeSiteRequest,
)
from fedkd_federation.gateway.running import RunningGateway, running_coordinator, running_site
from fedkd_federation.gateway.site_files import LOCAL_HOST, SiteFiles

_LOOK_S = 1.0
_END = None


def serve(channel: Channel) -> ExitCode:
    """Answer requests until the input ends, or until a gateway that runs here is gone; return how it ended."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    listen(lines.put, lambda: lines.put(_END))
    with contextlib.ExitStack() as stack:
        worker = Worker(channel, stack)
        while True:
            try:
                line = lines.get(timeout=_LOOK_S)
            except queue.Empty:
                try:
                    worker.look()
                except FedkdError as error:
                    channel.emit(ErrorAnswer(id=None, error=ErrorBody.of(error)))
                    return error.code
                continue
            if line is _END:
                return ExitCode.OK
            channel.emit(worker.answer(line))


class Worker:
    """At most one gateway runs in it.

    Args:
        stack: ends the gateway.
    """

    def __init__(self, channel: Channel, stack: contextlib.ExitStack) -> None:
        self._channel = channel
        self._stack = stack
        self._running: RunningGateway | None = None

    def look(self) -> None:
        """See to the gateway that runs here.

        Raises:
            FedkdError: GATEWAY_FAILED when it is gone.
        """
        if self._running is not None and (renewed := self._running.look()):
            self._channel.emit(RenewedEvent(certificates=renewed))

    def answer(self, line: str) -> BaseModel:
        """Return the answer to a request; whatever goes wrong is an answer, too, and never repeats a secret."""
        try:
            request = REQUESTS.validate_json(line)
        except ValidationError as error:
            return _error(_id_of(line), _not_understood(first_problem(error)))
        try:
            return self._do(request)
        except FedkdError as error:
            return _error(request.id, error)
        except Exception as error:  # noqa: BLE001 - one request that fails must not end a gateway that runs
            return _error(request.id, _fault(error))

    def _do(self, request: AnyRequest) -> BaseModel:
        match request:
            case ServeCoordinatorRequest():
                files = CoordinatorFiles(request.folder)
                self._begin(running_coordinator(files), request.folder)
                return ServingAnswer(id=request.id, address=str(files.read_settings().listen))
            case ServeSiteRequest():
                site = SiteFiles(request.folder)
                self._begin(running_site(site), request.folder)
                return ServingAnswer(id=request.id, address=f"{LOCAL_HOST}:{site.read_settings().port}")
            case _:
                return act(request)

    def _begin(self, gateway: contextlib.AbstractContextManager[RunningGateway], folder: Path) -> None:
        if self._running is not None:
            raise FedkdError(
                ExitCode.USAGE,
                "A gateway runs in this process already.",
                where=folder,
                what_to_do="Start a process for each gateway.",
            )
        self._running = self._stack.enter_context(gateway)


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
        where="gateway",
        what_to_do="Check what was typed. If it is right, install both programs anew: their versions may differ.",
    )


def _fault(error: Exception) -> FedkdError:
    # The message of an unknown error may hold anything, a password too; its kind does not.
    return FedkdError(
        ExitCode.INTERNAL,
        f"A fault of the program: {type(error).__name__}.",
        where="gateway",
        what_to_do="Please report it, with what was asked for.",
    )
