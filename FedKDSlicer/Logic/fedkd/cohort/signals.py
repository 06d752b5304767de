"""Signals that ask the command to stop become an exception, so that everything is cleared away on the way out."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from fedkd.errors import ExitCode, FedkdError

_EXIT_CODES = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED, "SIGHUP": ExitCode.TERMINATED}


class Stopped(BaseException):
    """The user or the system asked to stop. Not an ``Exception``: nothing may mistake it for a failed case."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(code)
        self.code = code

    def as_error(self, where: object) -> FedkdError:
        """Return the message for users."""
        return FedkdError(
            self.code,
            "The run was stopped.",
            where=where,
            what_to_do="Finished cases stay; run the same command again for the others.",
        )


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise :class:`Stopped` in the main thread at SIGINT, SIGTERM or SIGHUP.

    Further signals are ignored, so that clearing away is not cut short.
    """
    handled = {getattr(signal, name): code for name, code in _EXIT_CODES.items() if hasattr(signal, name)}
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        del handled[signal.SIGHUP]  # as under nohup: the run is meant to outlive its terminal

    def stop(number: int, _frame: FrameType | None) -> None:
        for other in handled:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(handled[signal.Signals(number)])

    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
