"""How long the coordinator waits for answers: Fed-BioMed itself has no end to it."""

from __future__ import annotations

import threading
import time
from typing import Any

from fedbiomed.researcher.requests import PolicyStatus, Request, RequestPolicy


class Patience(RequestPolicy):
    """Stops waiting after ``deadline_s``, or as soon as somebody asked for an end.

    Args:
        deadline_s: counted from the first time that it is asked.
        stop: set when an end is wanted.
    """

    def __init__(self, deadline_s: float, stop: threading.Event) -> None:
        super().__init__()
        self._deadline_s = deadline_s
        self._stop = stop
        self._until: float | None = None

    def continue_(self, requests: list[Request]) -> Any:  # noqa: ANN401 - a PolicyStatus, of which mypy knows nothing
        """Return whether to go on waiting."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._deadline_s
        waiting = [request for request in requests if not request.has_finished()]
        if waiting and (self._stop.is_set() or now > self._until):
            return self.stop(waiting[0])
        return PolicyStatus.CONTINUE
